// Guestlist gets guests into and out of a Tallyfy organization in bulk.
package main

import (
	"os"

	"guestlist/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)) }
