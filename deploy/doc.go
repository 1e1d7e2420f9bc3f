// Package deploy holds recipes for running guestlist while nobody watches, for
// cron, systemd, Kubernetes and Docker. Its tests run every command line of them.
// docs/unattended.md tells how they are used.
package deploy
