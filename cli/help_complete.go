package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"guestlist/guest"
)

// addCompletions teaches shells what may follow the commands and flags: values
// where they are known, files where files are wanted, and otherwise nothing
// rather than the files of the folder.
func addCompletions(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		addCompletions(cmd)
	}
	if root.ValidArgsFunction == nil && root.ValidArgs == nil {
		root.ValidArgsFunction = argumentsOf(root)
	}
	root.LocalFlags().VisitAll(func(f *pflag.Flag) {
		complete := cobra.NoFileCompletions
		switch kind, _ := pflag.UnquoteUsage(f); {
		case f.Name == "columns":
			complete = completeColumns
		case valuesOf(root, f) != nil:
			complete = cobra.FixedCompletions(valuesOf(root, f), cobra.ShellCompDirectiveNoFileComp)
		case kind == "FILE":
			complete = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
		case kind == "FOLDER":
			complete = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
		}
		// One that has a completion of its own keeps it.
		_ = root.RegisterFlagCompletionFunc(f.Name, complete)
	})
}

// argumentsOf completes the arguments of a command, by how its usage names them.
func argumentsOf(cmd *cobra.Command) cobra.CompletionFunc {
	_, arguments, _ := strings.Cut(cmd.Use, " ")
	switch {
	case strings.HasPrefix(arguments, "FILE"):
		return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []cobra.Completion{"csv", "xlsx", "tsv", "txt"}, cobra.ShellCompDirectiveFilterFileExt
		}
	case strings.HasPrefix(arguments, "RESULTS"):
		return cobra.FixedCompletions([]cobra.Completion{"csv"}, cobra.ShellCompDirectiveFilterFileExt)
	}
	return cobra.NoFileCompletions
}

// valuesOf returns what a flag may be set to, where that is a short list.
func valuesOf(cmd *cobra.Command, f *pflag.Flag) []cobra.Completion {
	switch f.Name {
	case "mode":
		return []cobra.Completion{
			"upsert\tcreate who is missing, associate members", "create\tnever touch who exists", "update\tonly associated_members",
		}
	case "format":
		if cmd.Name() == "get" {
			return []cobra.Completion{"json", "csv"}
		}
		return []cobra.Completion{"csv", "jsonl"}
	case "delimiter":
		return []cobra.Completion{",", ";", "tab", "|"}
	case "encoding":
		return encodings()
	case "log-format":
		return []cobra.Completion{"text\tlines for a person", "json\tone object a line"}
	case "rate":
		return []cobra.Completion{"auto"}
	case "invite-cap":
		return []cobra.Completion{"auto", "none"}
	case "max-wait":
		return []cobra.Completion{"unlimited", "0s", "10m", "1h"}
	}
	return nil
}

// encodings are labels of charsets that files of guests come in; there are more.
func encodings() []cobra.Completion {
	return []cobra.Completion{
		"utf-8", "utf-16le", "utf-16be",
		"windows-1252\tWestern Europe", "iso-8859-15\tWestern Europe", "macintosh\tWestern Europe, old Macs",
		"windows-1250\tCentral Europe", "iso-8859-2\tCentral Europe",
		"windows-1251\tCyrillic", "koi8-r\tCyrillic", "windows-1253\tGreek", "windows-1254\tTurkish",
		"windows-1255\tHebrew", "windows-1256\tArabic", "windows-1257\tBaltic", "windows-1258\tVietnamese",
		"shift_jis\tJapanese", "euc-jp\tJapanese", "euc-kr\tKorean", "gb18030\tChinese", "gbk\tChinese", "big5\tChinese",
	}
}

// completeColumns completes the last of the names that are separated by commas.
func completeColumns(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	named := strings.Split(before, ",")
	var found []cobra.Completion
	for _, name := range guest.RecordColumns(true) {
		if completes := strings.HasPrefix(name, typed[len(before):]); completes && !slices.Contains(named, name) {
			found = append(found, before+name)
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
