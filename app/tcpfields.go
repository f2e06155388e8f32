package app

import (
	"time"

	"wirebench/sessions"
	"wirebench/widgets"
)

// tcpOptions are a TCP client's connection options as kept on disk.
type tcpOptions struct {
	Timeout      time.Duration `json:"timeout"`
	LocalAddress string        `json:"localAddress,omitempty"`
	NoDelay      bool          `json:"noDelay"`
	KeepAlive    time.Duration `json:"keepAlive"`
	HalfOpen     bool          `json:"halfOpen,omitempty"`
	ResetOnClose bool          `json:"resetOnClose,omitempty"`
}

// tcpValues are the form's values for a new tab, or for one that was saved.
func tcpValues(c sessions.TCPConfig, saved *tcpOptions) widgets.ConnectValues {
	if saved != nil {
		return widgets.ConnectValues{
			Timeout: saved.Timeout, LocalAddress: saved.LocalAddress, NoDelay: saved.NoDelay,
			KeepAlive: saved.KeepAlive, HalfOpen: saved.HalfOpen, ResetOnClose: saved.ResetOnClose,
		}
	}
	return widgets.ConnectValues{Timeout: c.ConnectTimeout, NoDelay: c.NoDelay, KeepAlive: c.KeepAlive}
}

// configuredTCP is a configuration as it is kept.
func configuredTCP(c sessions.TCPConfig) *tcpOptions {
	return &tcpOptions{
		Timeout: c.ConnectTimeout, LocalAddress: c.LocalAddress, NoDelay: c.NoDelay,
		KeepAlive: c.KeepAlive, HalfOpen: c.KeepHalfOpen, ResetOnClose: c.ResetOnClose,
	}
}

// savedTCP is what is kept of the form.
func savedTCP(v widgets.ConnectValues) *tcpOptions {
	return &tcpOptions{
		Timeout: v.Timeout, LocalAddress: v.LocalAddress, NoDelay: v.NoDelay,
		KeepAlive: v.KeepAlive, HalfOpen: v.HalfOpen, ResetOnClose: v.ResetOnClose,
	}
}

// tcpConfig is what the session is to use.
func tcpConfig(address string, v widgets.ConnectValues) sessions.TCPConfig {
	return sessions.TCPConfig{
		Address:        address,
		LocalAddress:   v.LocalAddress,
		ConnectTimeout: v.Timeout,
		NoDelay:        v.NoDelay,
		KeepAlive:      v.KeepAlive,
		KeepHalfOpen:   v.HalfOpen,
		ResetOnClose:   v.ResetOnClose,
	}
}
