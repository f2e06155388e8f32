package widgets

func newServerOptionsUnderTest(v ServerValues) *ServerOptions {
	return NewServerOptions([]string{"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"}, v)
}
