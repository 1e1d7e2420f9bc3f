// Command kubernetes decodes manifests into the types of Kubernetes itself, strictly,
// and fails on a field that its kind does not have, stands there twice or has a value
// of another type. It stands in a module of its own, so that those types weigh on
// nobody who builds guestlist. The tests of ../../deploy run it:
//
//	go -C tools/kubernetes run . "$PWD"/deploy/kubernetes/*.yaml
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	os.Exit(check(os.Args[1:], os.Stdout, os.Stderr))
}

// check looks at every manifest of the files; the code is 1 when anything is wrong
// with one of them.
func check(files []string, stdout, stderr io.Writer) (code int) {
	if len(files) == 0 {
		fmt.Fprintln(stderr, "name the files that hold the manifests")
		return 2
	}
	kinds := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme} {
		if err := add(kinds); err != nil {
			fmt.Fprintln(stderr, err)
			return 2
		}
	}
	decoder := serializer.NewCodecFactory(kinds, serializer.EnableStrict).UniversalDeserializer()
	for _, file := range files {
		n, err := checkFile(file, decoder)
		if err != nil {
			fmt.Fprintln(stderr, err)
			code = 1
			continue
		}
		fmt.Fprintf(stdout, "%s: %d manifests looked at\n", file, n)
	}
	return code
}

// checkFile returns how many manifests a file holds, and everything that is wrong with
// them.
func checkFile(path string, decoder runtime.Decoder) (n int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	reader := yaml.NewYAMLReader(bufio.NewReader(f))
	var wrong []error
	for {
		manifest, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return n, fmt.Errorf("%s: %w", path, err)
		}
		n++
		if _, _, err := decoder.Decode(manifest, nil, nil); err != nil {
			wrong = append(wrong, fmt.Errorf("%s, manifest %d: %w", path, n, err))
		}
	}
	if n == 0 {
		wrong = append(wrong, fmt.Errorf("%s: there is no manifest", path))
	}
	return n, errors.Join(wrong...)
}
