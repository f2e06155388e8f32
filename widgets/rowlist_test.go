package widgets

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// What a person and an engine do in any order leaves the list as one made anew from the same rows would be.
func TestTheRowsAreRightWhateverHappensToThem(t *testing.T) {
	for seed := range uint64(40) {
		dice := rand.New(rand.NewPCG(seed, 7))
		all := somePeers(120)
		l, _ := newTestPeers(t, 1000, nil)
		var rows []PeerRow
		chosen := map[netip.AddrPort]bool{} // those that are both selected and listed
		told := 0
		l.OnSelect = func() { told++ }
		filter, column, descending := "", PeerFirst, false
		for step := range 60 {
			switch dice.IntN(7) {
			case 0, 1, 2:
				rows = nil
				for i := range all {
					if dice.IntN(4) > 0 {
						all[i].BytesIn += dice.Int64N(3) * 500_000
						rows = append(rows, all[i])
					}
				}
				dice.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
				l.SetPeers(rows, clientsNow.Add(time.Duration(step)*time.Second))
				listed := map[netip.AddrPort]bool{}
				for i := range rows {
					listed[rows[i].Addr] = true
				}
				for a := range chosen {
					if !listed[a] {
						delete(chosen, a)
					}
				}
			case 3:
				column, descending = PeerColumn(dice.IntN(int(peerColumns))), dice.IntN(2) == 0
				l.SetSort(column, descending)
			case 4:
				filter = []string{"", "10.0.", "2001:db8", "4", "none"}[dice.IntN(5)]
				l.SetFilter(filter)
			case 5:
				chosen = map[netip.AddrPort]bool{}
				var addrs []netip.AddrPort
				for i := range rows {
					if dice.IntN(5) == 0 {
						addrs = append(addrs, rows[i].Addr)
						chosen[rows[i].Addr] = true
					}
				}
				l.Select(addrs)
			case 6:
				if shown, _ := l.Shown(); shown > 0 {
					l.grid.ScrollToTop(int64(dice.IntN(shown)))
				}
			}

			var want []netip.AddrPort
			for i := range rows {
				if strings.Contains(peerName(rows[i].Addr), filter) {
					want = append(want, rows[i].Addr)
				}
			}
			var got []netip.AddrPort
			hidden := len(chosen)
			for row := range l.rows.Rows() {
				p := l.rows.at(row)
				got = append(got, p.row.Addr)
				if chosen[p.row.Addr] {
					hidden--
				}
				if l.rows.rowOf(p.number) != row || l.rows.holds(p.number) != chosen[p.row.Addr] {
					t.Fatalf("seed %d, step %d: row %d says it is %d, selected %v", seed, step, row, l.rows.rowOf(p.number), l.rows.holds(p.number))
				}
				if row == 0 {
					continue
				}
				a, b := l.rows.key(l.rows.at(row-1)), l.rows.key(p)
				a.rank, b.rank = 0, 0
				if a.compare(&b, descending) > 0 {
					t.Fatalf("seed %d, step %d: rows %d and %d are out of order by %s, descending %v", seed, step, row-1, row, peerColumnKinds[column].title, descending)
				}
			}
			byAddr := func(a, b netip.AddrPort) int { return a.Compare(b) }
			slices.SortFunc(got, byAddr)
			slices.SortFunc(want, byAddr)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, step %d: %d rows are shown, want %d", seed, step, len(got), len(want))
			}
			if n := len(l.Selected()); n != len(chosen) || l.SelectedShown() != n-hidden {
				t.Fatalf("seed %d, step %d: %d selected, of which %d shown; want %d, %d", seed, step, n, l.SelectedShown(), len(chosen), len(chosen)-hidden)
			}
			if len(l.known) != len(rows) || len(l.onScreen) > l.grid.VisibleRows() {
				t.Fatalf("seed %d, step %d: %d peers are known of %d, %d on screen", seed, step, len(l.known), len(rows), len(l.onScreen))
			}
		}
		if told == 0 {
			t.Error("no change of the selection was told of")
		}
	}
}

func TestEveryRowCanBeSelectedAndUpdatedWithoutAPause(t *testing.T) {
	const most, fewer, updates = 10_000, 10, 20
	moving := func(n int) (update func(i int) time.Duration) {
		rows := somePeers(n)
		l, _ := newTestPeers(t, 1000, rows)
		l.SetSort(PeerRate, true)
		l.SelectAll()
		return func(i int) time.Duration {
			began := time.Now()
			for j := range rows {
				rows[j].Rate = float64((j*7919 + i*104729) % 10007) // all of them move
			}
			l.SetPeers(rows, clientsNow.Add(time.Duration(i)*time.Second))
			if got := l.SelectedShown(); got != n {
				t.Fatalf("%d are selected", got)
			}
			return time.Since(began)
		}
	}
	all, some := moving(most), moving(most/fewer)
	var long, short time.Duration
	fastest := time.Hour
	for i := range updates { // in turn, so that a machine with much to do slows down both
		took := all(i)
		long, fastest = long+took, min(fastest, took)
		for j := range fewer {
			short += some(i*fewer + j)
		}
	}
	if long > 4*short { // the same number of rows
		t.Errorf("%d updates of %d rows take %v, and ten times as many of a tenth of them %v", updates, most, long, short)
	}
	if fastest > 500*time.Millisecond {
		t.Errorf("an update takes %v", fastest)
	}
}

func TestTheRangeGoesOnFromItsBeginningAfterTheRowsHaveMoved(t *testing.T) {
	rows := somePeers(30)
	l, _ := newTestPeers(t, 1000, rows)
	l.grid.OnTapped(5, 0, 0)
	for i := range rows {
		rows[i].First = clientsNow.Add(-time.Duration(i) * time.Second) // the other way round
	}
	l.SetPeers(rows, clientsNow)
	l.grid.OnTapped(26, 0, fyne.KeyModifierShift) // the one tapped first is in row 24 now
	if got, want := l.Selected(), []netip.AddrPort{rows[3].Addr, rows[4].Addr, rows[5].Addr}; !slices.Equal(got, want) {
		t.Errorf("selected %v, want %v", got, want)
	}
}
