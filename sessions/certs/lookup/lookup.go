// Package lookup asks others about certificates over the network: OCSP responders, the places where
// revocation lists lie, and those where issuers do. It is the only part of the certificate check that
// leaves the machine, and it does so when it is called and never by itself: whoever is asked learns
// which certificate somebody looks at.
//
// Requests are plain HTTP, as the formats are signed themselves and HTTPS would raise the same
// questions again (RFC 5280 section 8). They use no proxy, no cookies and no connection twice.
package lookup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"wirebench/sessions/inspect"
)

// Options says what to ask, and with what patience. The zero value asks nothing.
type Options struct {
	OCSP bool // the OCSP responders that certificates name
	CRL  bool // the revocation lists that certificates name
	AIA  bool // issuers that were not sent, where certificates say they lie

	Timeout  time.Duration // of one request; 0 is 10 s
	MaxBytes int64         // of one answer; 0 is 64 KiB for OCSP, 1 MiB for a certificate, 64 MiB for a list
	// Dial connects; nil is an ordinary connection. It must return soon after ctx has ended.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Progress is told before and after each request, from several goroutines, one at a time.
	Progress func(Step)
}

// Step is one request.
type Step struct {
	What  string // "OCSP", "revocation list", "issuer"
	URL   string // safe to print
	Done  bool   // else it begins
	Bytes int64
	Err   error
	Took  time.Duration
}

const (
	defaultTimeout  = 10 * time.Second
	maxOCSP         = 64 << 10
	maxCertificate  = 1 << 20
	maxList         = 64 << 20
	maxTotal        = 256 << 20 // of all answers of one call together: no further request is made beyond it
	maxRedirects    = 3
	maxURLs         = 4 // of one kind that one certificate may name; more are passed over, and said so
	maxLinks        = 16
	maxHops         = 8
	concurrentLinks = 4
)

// request is one that is to be made.
type request struct {
	what        string
	url         string
	body        []byte // POST when there is one
	contentType string // of the body
	accept      string
	limit       int64
	check       func(body []byte) error // refuses what is of no use, whatever its type is said to be
}

var errTooLarge = errors.New("the answer is too large")

// client makes requests for one call of the package.
type client struct {
	o     Options
	http  *http.Client
	tell  sync.Mutex   // held while Progress is called
	total atomic.Int64 // bytes of all answers

	// net/http neither ends a dial with the request it was for nor waits for it, so that is done here.
	life  context.Context // ended by close
	end   context.CancelFunc
	mu    sync.Mutex // held while life ends and while dials grows
	dials sync.WaitGroup
}

func newClient(o Options) *client {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	c := &client{o: o}
	c.life, c.end = context.WithCancel(context.Background())
	c.http = &http.Client{
		Transport: &http.Transport{ // without a proxy
			DialContext:            c.dial,
			DisableKeepAlives:      true,
			DisableCompression:     true, // an answer must not unpack to more than was asked for
			MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("more than %d redirects", maxRedirects)
			}
			if r.Method != via[0].Method {
				return fmt.Errorf("it redirects to %.200q in a way that leaves the question behind", r.URL)
			}
			if err := checkURL(r.URL); err != nil {
				return fmt.Errorf("it redirects to %.200q: %w", r.URL, err)
			}
			return nil
		},
	}
	return c
}

// close ends connections that are still being made though nobody wants them any more, and waits for that.
func (c *client) close() {
	c.mu.Lock()
	c.end()
	c.mu.Unlock()
	c.dials.Wait()
}

func (c *client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	if err := c.life.Err(); err != nil {
		c.mu.Unlock()
		return nil, err
	}
	c.dials.Add(1)
	c.mu.Unlock()
	defer c.dials.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	return c.o.Dial(ctx, network, address)
}

// checkURL refuses what is not fetched, with the reason.
func checkURL(u *url.URL) error {
	switch {
	case u.Scheme == "https":
		return errors.New("it is an https address, which is not fetched: checking that certificate would raise the same question again")
	case u.Scheme == "ldap" || u.Scheme == "ldaps":
		return fmt.Errorf("it is an %s address; only http is fetched", u.Scheme)
	case u.Scheme != "http":
		return fmt.Errorf("it is no http address (%.20q)", u.Scheme)
	case u.Host == "" || u.User != nil:
		return errors.New("it is no usable http address")
	}
	return nil
}

// fetch makes one request and returns the answer's body.
func (c *client) fetch(ctx context.Context, r request) (body []byte, took time.Duration, err error) {
	c.progress(Step{What: r.what, URL: r.url})
	began := time.Now()
	body, err = c.do(ctx, r)
	took = time.Since(began)
	c.progress(Step{What: r.what, URL: r.url, Done: true, Bytes: int64(len(body)), Err: err, Took: took})
	return body, took, err
}

func (c *client) progress(s Step) {
	if c.o.Progress == nil {
		return
	}
	s.URL = inspect.Escape([]byte(s.URL))
	c.tell.Lock()
	defer c.tell.Unlock()
	c.o.Progress(s)
}

func (c *client) do(ctx context.Context, r request) ([]byte, error) {
	u, err := url.Parse(r.url)
	if err != nil {
		return nil, errors.New("it is no address that can be read")
	}
	if err := checkURL(u); err != nil {
		return nil, err
	}
	if c.total.Load() > maxTotal {
		return nil, fmt.Errorf("not asked: %d MiB of answers are the most in one go", maxTotal>>20)
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	method, content := http.MethodGet, io.Reader(nil)
	if r.body != nil {
		method, content = http.MethodPost, bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "wirebench")
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	if r.accept != "" {
		req.Header.Set("Accept", r.accept)
	}
	slow := func(err error) error {
		if outer.Err() != nil {
			return &abandoned{context.Cause(outer)}
		}
		if ctx.Err() != nil {
			return fmt.Errorf("no answer within %v", c.o.Timeout)
		}
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // the address is said beside it
		}
		var dialled *net.OpError
		var errno syscall.Errno
		if errors.As(err, &dialled) && dialled.Op == "dial" && errors.As(err, &errno) {
			return fmt.Errorf("no connection to %v: %w", dialled.Addr, errno)
		}
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, slow(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answered %.60q", resp.Status)
	}
	limit := r.limit
	if c.o.MaxBytes > 0 {
		limit = c.o.MaxBytes
	}
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes, %d are the most", errTooLarge, resp.ContentLength, limit)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	c.total.Add(int64(len(body)))
	if err != nil {
		return nil, slow(err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
	}
	if err := r.check(body); err != nil {
		if kind := resp.Header.Get("Content-Type"); kind != "" {
			err = fmt.Errorf("%w (it says that it is %.60q)", err, kind)
		}
		return nil, err
	}
	return body, nil
}

// abandoned says that nobody waited for the answer any more.
type abandoned struct{ cause error }

func (e *abandoned) Error() string {
	switch {
	case errors.Is(e.cause, context.Canceled):
		return "cancelled before it answered"
	case errors.Is(e.cause, context.DeadlineExceeded):
		return "it did not answer before the time for all look-ups was over"
	}
	return "cancelled before it answered: " + e.cause.Error()
}

func (e *abandoned) Unwrap() error { return e.cause }
