package widgets

import "testing"

func TestASelectionInPartsIsShownCopiedAndLeft(t *testing.T) {
	src := &fakeBytes{records: 4, size: 16, at: again("0123456789abcdef")}
	v := shownHex(t, src, 700, 300)
	selected := 0
	v.OnSelect = func(_, n int64) { selected++ }
	v.SetSelection(2, 3)
	v.SelectParts([]HexRange{{2, 3}, {10, 2}, {33, 1}})
	if selected != 2 {
		t.Errorf("OnSelect was called %d times", selected)
	}
	if got := v.CopyAs(format(t, "hex-spaced")); got != "32 33 34 61 62 31" {
		t.Errorf("copied is %q", got)
	}
	for off, want := range map[int64]bool{1: false, 2: true, 4: true, 5: false, 10: true, 11: true, 12: false, 32: false, 33: true, 34: false} {
		if v.isSelected(off) != want {
			t.Errorf("byte %d is selected: %v", off, !want)
		}
	}
	v.SelectParts([]HexRange{{3, 1}, {5, 1}}) // of another selection, too late
	if len(v.Parts()) != 3 {
		t.Errorf("parts are %v", v.Parts())
	}
	v.SetSelection(2, 3)
	if len(v.Parts()) != 1 || v.isSelected(10) || selected != 3 {
		t.Errorf("the parts %v stay, told %d times", v.Parts(), selected)
	}
	v.ClearCursor()
	if v.Parts() != nil {
		t.Errorf("%v is selected", v.Parts())
	}
}
