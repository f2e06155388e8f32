package lab

import (
	"context"
	"strings"

	"wirebench/sessions/policy"
)

// policyFile is what the lab serves: from a port of 1024 or more it can only speak for such.
const policyFile = `<?xml version="1.0"?>
<cross-domain-policy>
  <!-- Everybody may reach this machine's high ports; one name also over HTTPS alone. -->
  <allow-access-from domain="*" to-ports="1024-65535"/>
  <allow-access-from domain="*.practice.example" to-ports="2000,3000-3999" secure="true"/>
</cross-domain-policy>
`

func startPolicy(l *Lab, e *Entry) (server, error) {
	return l.listen(e.ID, func(_ context.Context, c *conn) {
		var r policy.Responder
		buf := make([]byte, 512)
		for {
			n, err := c.Read(buf)
			switch verdict, rest := r.Feed(buf[:n]); {
			case verdict == policy.Asked:
				c.servePolicy()
				return
			case verdict == policy.Other:
				// A client that does not ask is of no interest, but a person who tries wants to know why.
				c.Write([]byte("<!-- ask with " + strings.TrimSuffix(policy.Request, "\x00") + " and a zero byte -->\x00"))
				c.hangUp()
				return
			case len(rest) > 0 || err != nil:
				return
			}
		}
	})
}

// servePolicy sends the policy file and ends the connection.
func (c *conn) servePolicy() {
	if _, err := c.Write([]byte(policyFile + "\x00")); err == nil {
		c.hangUp()
	}
}
