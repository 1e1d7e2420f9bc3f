package workbook

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// How many bytes a part of a workbook may have, unpacked. Sheets are read as a stream, the others are kept in memory.
const (
	maxSheet     = 4 << 30
	maxTextsPart = 1 << 30  // the XML of the shared texts
	maxPart      = 32 << 20 // the list of sheets, the styles and the like
)

// broken is what there is to say of a file whose inside contradicts itself.
const broken = "is a damaged or incomplete workbook: fetch it again, or open it in Excel, save it as a new .xlsx and try that one"

// watchedReader keeps the first error that lies outside the file: the context's, or one of reading it.
type watchedReader struct {
	ctx context.Context
	src io.ReaderAt
	err error
}

func (r *watchedReader) ReadAt(p []byte, offset int64) (int, error) {
	if r.err == nil {
		r.err = r.ctx.Err()
	}
	if r.err != nil {
		return 0, r.err
	}
	if offset < 0 {
		return 0, errors.New("no such place") // the fault of what the archive says of itself, not of src
	}
	n, err := r.src.ReadAt(p, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// parts are the files inside a workbook, by their names in lower case, which is how they are compared.
type parts struct {
	src   *watchedReader
	files map[string]*zip.File
}

func openParts(src *watchedReader, size int64) (parts, error) {
	archive, err := zip.NewReader(src, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return parts{}, &Unusable{broken}
	}
	p := parts{src: src, files: make(map[string]*zip.File, len(archive.File))}
	for _, f := range archive.File {
		name := strings.ReplaceAll(f.Name, `\`, "/") // some programs write it so
		p.files[strings.ToLower(strings.TrimPrefix(name, "/"))] = f
	}
	return p, nil
}

func (p parts) has(name string) bool {
	return p.files[strings.ToLower(name)] != nil
}

// open opens a part of at most the given number of bytes.
func (p parts) open(name string, limit int64) (*part, error) {
	f := p.files[strings.ToLower(name)]
	if f == nil {
		return nil, &Unusable{broken}
	}
	if f.Flags&1 != 0 {
		return nil, &Unusable{"is protected by a password: open it, take the password off and save it again"}
	}
	r, err := f.Open()
	if err != nil {
		return nil, &Unusable{broken}
	}
	return &part{src: p.src, inner: r, left: limit}, nil
}

// part is one file inside a workbook. It ends with an error, not silently, at its limit and when the context ends.
type part struct {
	src   *watchedReader
	inner io.ReadCloser
	left  int64
}

func (p *part) Read(b []byte) (int, error) {
	if p.src.err == nil {
		p.src.err = p.src.ctx.Err() // much can be unpacked from one piece that was read
	}
	if p.src.err != nil {
		return 0, p.src.err
	}
	n, err := p.inner.Read(b)
	if p.left -= int64(n); p.left < 0 {
		return 0, &Unusable{"is too large to be read when it is unpacked: save the sheet as \"CSV UTF-8\" and try that"}
	}
	return n, err
}

func (p *part) Close() error { return p.inner.Close() }

// xmlDecoder reads XML in any charset that it names.
func xmlDecoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		charset, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return charset.NewDecoder().Reader(input), nil
	}
	return d
}

// decode reads a small part as a whole.
func (p parts) decode(name string, into any) error {
	r, err := p.open(name, maxPart)
	if err != nil {
		return err
	}
	defer r.Close()
	return unreadable(xmlDecoder(r).Decode(into))
}

// unreadable makes an *Unusable of an error in the file's inside.
func unreadable(err error) error {
	var known *Unusable
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &Unusable{broken}
}

// relation is a link from one part to another.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is tells whether the relation is of a kind, in either of the standard's two spellings of it.
func (r relation) is(kind string) bool { return strings.HasSuffix(r.Type, "/"+kind) }

// relations are the links of a part, with their targets as names of parts; none when there are none.
func (p parts) relations(of string) ([]relation, error) {
	folder, file := path.Split(of)
	name := fmt.Sprintf("%s_rels/%s.rels", folder, file)
	if !p.has(name) {
		return nil, nil
	}
	var found struct {
		Relations []relation `xml:"Relationship"`
	}
	if err := p.decode(name, &found); err != nil {
		return nil, err
	}
	for i, r := range found.Relations {
		target := strings.ReplaceAll(r.Target, `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", folder, target)
		}
		found.Relations[i].Target = strings.TrimPrefix(path.Clean(target), "/")
	}
	return found.Relations, nil
}
