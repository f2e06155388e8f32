package sessions

import "testing"

// needResets skips a test under Wine, which shuts a socket down before it closes it: the peer of one with a linger
// time of 0 may see a FIN, and not the RST.
func needResets(t *testing.T) {
	t.Helper()
	if underWine() {
		t.Skip("Wine's resets begin with a FIN")
	}
}
