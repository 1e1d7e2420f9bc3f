package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"guestlist/guest"
	"guestlist/results"
)

// resumeCommand is the command line again, as one that goes on from this run.
func resumeCommand(cmd *cobra.Command, name string, shard results.Shard) string {
	line := commandAgain(cmd, name, nil, "resume", "restart", "shard")
	if !shard.IsWhole() {
		line += " --shard " + shard.String()
	}
	return line + " --resume"
}

// mendedCommand does the same with the rejects of this run, when they are mended: with what was
// said of the columns, without what is about this file and this run.
func mendedCommand(cmd *cobra.Command, rejects string, header *guest.Header) string {
	return commandAgain(cmd, rejects, header, "resume", "restart", "delimiter", "encoding", "sheet", "dry-run",
		"results", "rejects", "payloads", "summary", "metrics", "report", "expect", "shard")
}

// commandAgain is the command line again for a file, without some of its flags. No
// flag holds a secret. The file is the rejects of one with this header, or with nil
// the same file.
func commandAgain(cmd *cobra.Command, name string, header *guest.Header, without ...string) string {
	line := cmd.CommandPath() + " " + fileArgument(name)
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch {
		case slices.Contains(without, f.Name):
		case f.Value.Type() == "bool":
			line += " --" + f.Name
			if f.Value.String() != "true" {
				line += "=" + f.Value.String()
			}
		default:
			values := []string{f.Value.String()}
			if several, ok := f.Value.(pflag.SliceValue); ok {
				values = several.GetSlice()
			}
			for _, value := range values {
				if header != nil {
					value = inRejects(f.Name, value, header)
				}
				if value == "" {
					continue
				}
				line += " --" + f.Name + " " + shellQuote(value)
			}
		}
	})
	return line
}

// inRejects writes the value of a flag that names a column as it names that column
// in the rejects. It is empty where they lack the column.
func inRejects(flag, value string, header *guest.Header) string {
	switch flag {
	case "ignore-column":
		return header.InRejects(value)
	case "map":
		m, err := guest.ParseMapping(value)
		if err != nil {
			return value
		}
		switch column := header.InRejects(m.Header); column {
		case m.Header:
			return value
		case "":
			return ""
		default:
			return column + "=" + m.Field.String()
		}
	}
	return value
}
