package maildomain

import (
	"context"
	"net"
)

// NewResolver returns a resolver that asks the name server at address
// (host:port), or if that is "" those of the system. Its look-ups end at once
// with their context.
func NewResolver(address string) *net.Resolver {
	return &net.Resolver{
		PreferGo: true, // what others there are do not heed the context
		Dial: func(ctx context.Context, network, system string) (net.Conn, error) {
			if address != "" {
				system = address
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, system)
			if err == nil {
				// The resolver waits for an answer till its deadline even if ctx is cancelled, but not on a closed
				// connection. It makes a ctx for each connection, and ends it when it is done.
				context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		},
	}
}
