package sessions

import (
	"context"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
	"wirebench/sessions/inspect"
)

// lookLimit bounds all look-ups of one handshake together; the server is waiting meanwhile.
const lookLimit = 60 * time.Second

// inspection is a report with what it was made from, so that it can be made again with more evidence.
// It is not changed once made.
type inspection struct {
	in     certs.Input
	report *certs.Report
}

func inspectCerts(in certs.Input) *inspection { return &inspection{in, certs.Check(in)} }

// with returns the inspection with what is known about its handshake.
func (i *inspection) with(h certs.Handshake) *inspection {
	report := *i.report
	report.Handshake = &h
	report.Warnings = append(h.Warnings(), i.report.Warnings...)
	return &inspection{i.in, &report}
}

// look asks for what o says, and inspects again with what is new. What could not be had is part of the
// report; the error is that of ctx, or of issuers that could not be fetched.
func (i *inspection) look(ctx context.Context, o lookup.Options) (*inspection, error) {
	in, report := i.in, i.report
	var failed error
	if o.AIA && !report.Anchored && len(report.Chain) > 0 {
		var found []*x509.Certificate
		found, failed = lookup.Issuers(ctx, report.Chain[len(report.Chain)-1], o)
		if len(found) > 0 {
			in.Extra = append(slices.Clip(in.Extra), found...)
			report = certs.Check(in)
		}
	}
	if (o.OCSP || o.CRL) && len(report.Chain) > 0 {
		in.Evidence = merge(in.Evidence, lookup.Revocation(ctx, report.Chain, o))
		in.Evidence.Asked = true
		report = certs.Check(in)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	again := *report
	again.Handshake = i.report.Handshake
	return &inspection{in, &again}, failed
}

// merge returns old with what is new in its place, without changing either.
func merge(old, fresh certs.Evidence) certs.Evidence {
	out := old
	out.OCSP = maps.Clone(old.OCSP)
	if out.OCSP == nil {
		out.OCSP = make(map[string][]certs.Source)
	}
	maps.Copy(out.OCSP, fresh.OCSP)
	out.CRLs = slices.DeleteFunc(slices.Clone(old.CRLs), func(s certs.Source) bool {
		return slices.ContainsFunc(fresh.CRLs, func(f certs.Source) bool { return f.From == s.From })
	})
	out.CRLs = append(out.CRLs, fresh.CRLs...)
	return out
}

// stepText says what a look-up is doing.
func stepText(s lookup.Step) string {
	url := inspect.Escape([]byte(s.URL))
	switch {
	case !s.Done:
		return fmt.Sprintf("asking %s for %s", url, s.What)
	case s.Err != nil:
		return fmt.Sprintf("%s from %s: %s", s.What, url, reason(s.Err))
	}
	return fmt.Sprintf("%s from %s: %s in %s", s.What, url, countBytes(int64(s.Bytes)), milliseconds(s.Took))
}

// see makes an inspection the present one and tells of it.
func (t *TLSSession) see(s *stream, i *inspection) {
	t.seenMu.Lock()
	t.seen = i
	t.seenMu.Unlock()
	s.tell(Event{Name: EventCertificate, Report: i.report, Text: i.report.Headline})
}

// LookUp asks, now, for what o says about the certificates of the last report: whether they are revoked,
// and issuers that are missing. The result is the new Report, and told as EventCertificate; a connection
// that stands is left alone whatever comes out. It works after the connection has ended, too. It must
// not be called from inside an Observer, and o.Progress, if set, is called as well as the Observer.
func (t *TLSSession) LookUp(ctx context.Context, o lookup.Options) (*certs.Report, error) {
	ctx, done, err := t.beside(ctx)
	if err != nil {
		return nil, fmt.Errorf("look up: %w", err)
	}
	defer done()
	t.seenMu.Lock()
	before := t.seen
	t.seenMu.Unlock()
	s := t.stream()
	if before == nil || s == nil || len(before.in.Presented) == 0 {
		return nil, fmt.Errorf("look up: there is no certificate yet; connect first")
	}
	progress := o.Progress
	o.Progress = func(step lookup.Step) {
		s.tell(Event{Name: EventState, Text: stepText(step)})
		if progress != nil {
			progress(step)
		}
	}
	after, err := before.look(ctx, o)
	if after == nil {
		return nil, fmt.Errorf("look up: %w", err)
	}
	t.seenMu.Lock()
	current := t.seen == before
	if current {
		t.seen = after
	}
	t.seenMu.Unlock()
	if current { // else another connection has been made meanwhile, or another look-up
		s.note(s.flowNow(), "looked up: certificate "+string(after.report.Status)+": "+after.report.Headline)
		s.tell(Event{Name: EventCertificate, Report: after.report, Text: after.report.Headline})
	}
	return after.report, err
}

// beside begins work that runs beside the connection and ends with the session.
func (t *TLSSession) beside(ctx context.Context) (context.Context, func(), error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.life.Err() != nil {
		return nil, nil, ErrClosed
	}
	t.busy.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(t.life, cancel)
	return ctx, func() {
		unhook()
		cancel()
		t.busy.Done()
	}, nil
}
