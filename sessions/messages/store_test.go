package messages

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// filled makes a collection with messages of these names.
func filled(t *testing.T, s *Store, collection string, names ...string) *Collection {
	t.Helper()
	c, err := s.Create(collection)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if err := c.Add(Message{Name: n, Mode: Text}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	return c
}

func names(c *Collection) string {
	var all []string
	for _, m := range c.Messages {
		all = append(all, m.Name)
	}
	return strings.Join(all, " ")
}

// onDisk reads the names that are in the file of c now.
func onDisk(t *testing.T, c *Collection) string {
	t.Helper()
	now, err := c.store.Load(c.file)
	if err != nil {
		t.Fatal(err)
	}
	return names(now)
}

func TestMessagesAreAddedReplacedMovedAndRemoved(t *testing.T) {
	c := filled(t, Open(t.TempDir()), "c", "a", "b", "c", "d")
	steps := []struct {
		what string
		do   func() error
		want string
	}{
		{"insert", func() error { return c.Insert(1, Message{Name: "x"}, Message{Name: "y"}) }, "a x y b c d"},
		{"replace", func() error { return c.Replace(0, Message{Name: "A"}) }, "A x y b c d"},
		{"move down", func() error { return c.Move(0, 5) }, "x y b c d A"},
		{"move up", func() error { return c.Move(4, 1) }, "x d y b c A"},
		{"move nowhere", func() error { return c.Move(2, 2) }, "x d y b c A"},
		{"remove", func() error { return c.Remove(3) }, "x d y c A"},
	}
	for _, s := range steps {
		if err := s.do(); err != nil || names(c) != s.want {
			t.Fatalf("%s: %s, %v; want %s", s.what, names(c), err, s.want)
		}
	}
	for what, err := range map[string]error{
		"insert": c.Insert(6, Message{Name: "z"}), "insert below": c.Insert(-1, Message{Name: "z"}), "replace": c.Replace(5, Message{Name: "z"}),
		"remove": c.Remove(-1), "move": c.Move(0, 5), "move from": c.Move(5, 0), "replace by nothing": c.Replace(0, Message{}),
	} {
		if err == nil {
			t.Errorf("%s was allowed: %s", what, names(c))
		}
	}
	if err := c.Save(); err != nil || onDisk(t, c) != "x d y c A" {
		t.Errorf("saved as %s, %v", onDisk(t, c), err)
	}
}

func TestCollectionsAreListedByName(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "none", "yet"))
	if list, err := s.List(); err != nil || len(list) != 0 {
		t.Errorf("without a folder: %v, %v", list, err)
	}
	filled(t, s, "beta", "m")
	filled(t, s, "Alpha", "m", "n")
	for file, text := range map[string]string{
		"broken.json": "{", "byhand.JSON": `{"messages": [{"name": "m"}]}`, "notes.txt": "x", ".hidden.json": "{}",
	} {
		if err := os.WriteFile(filepath.Join(s.Folder(), file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.Folder(), "folder.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range list {
		got = append(got, fmt.Sprint(i.File, " ", i.Name, " ", i.Messages, " ", i.Err != nil))
	}
	if want := []string{"alpha.json Alpha 2 false", "beta.json beta 1 false", "broken.json broken 0 true", "byhand.JSON byhand 1 false"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, file := range []string{"../x.json", "a/b.json", "", "..", "folder.json", "none.json"} {
		if c, err := s.Load(file); err == nil {
			t.Errorf("%q was read as %+v", file, c)
		}
	}
}

func TestAFileOfAnotherProgramIsLeftAlone(t *testing.T) {
	s := Open(t.TempDir())
	theirs := map[string]string{"empty.json": "{}", "package.json": `{"name": "package", "version": 1}`}
	for file, text := range theirs {
		if err := os.WriteFile(filepath.Join(s.Folder(), file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.List()
	if err != nil || len(list) != len(theirs) {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, i := range list {
		if i.Collection != nil || i.Err == nil || !strings.Contains(i.Err.Error(), filepath.Join(s.Folder(), i.File)) {
			t.Errorf("%s: %+v, error %v", i.File, i.Collection, i.Err)
		}
	}
	for _, name := range []string{"empty", "package"} { // as their files would be called
		if err := filled(t, s, name, "m").Rename(name + "d"); err != nil {
			t.Error(err)
		}
	}
	for file, text := range theirs {
		if b, err := os.ReadFile(filepath.Join(s.Folder(), file)); err != nil || string(b) != text {
			t.Errorf("%s is %q now, %v", file, b, err)
		}
	}
}

func TestNamesOfCollectionsBecomeNamesOfFiles(t *testing.T) {
	s := Open(t.TempDir())
	tests := []struct{ name, file string }{
		{"Game server", "game-server.json"},
		{"game/server", "game-server-2.json"},
		{"../../etc/passwd", "etc-passwd.json"},
		{"GAME-SERVER", "game-server-3.json"},
		{"...", "messages.json"},
		{"?", "messages-2.json"},
		{"con", "con-messages.json"},
		{"LPT1", "lpt1-messages.json"},
		{"Ünïcode 你好", "ünïcode-你好.json"},
		{strings.Repeat("x", 200), strings.Repeat("x", 60) + ".json"},
	}
	for _, tt := range tests {
		c, err := s.Create(tt.name)
		if err != nil || filepath.Base(c.File()) != tt.file || filepath.Dir(c.File()) != s.Folder() {
			t.Errorf("%q: %v, %v; want %s", tt.name, c, err, tt.file)
		}
	}
	if c, err := s.Create("game SERVER"); err == nil || !strings.Contains(err.Error(), "choose another name") {
		t.Errorf("a second of the name: %v, %v", c, err)
	}
}

func TestASaveNeverLosesWhatAnotherSaved(t *testing.T) {
	folder := t.TempDir()
	mine := filled(t, Open(folder), "c", "a")
	theirs, err := Open(folder).Load(mine.file) // another program
	if err != nil {
		t.Fatal(err)
	}
	add := func(c *Collection, name string) {
		t.Helper()
		if err := c.Add(Message{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	add(theirs, "theirs")
	if err := theirs.Save(); err != nil {
		t.Fatal(err)
	}
	add(mine, "mine")
	if err := mine.Save(); !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), mine.File()) {
		t.Errorf("saved over it: %v", err)
	}
	if !mine.Changed() || theirs.Changed() || onDisk(t, mine) != "a theirs" {
		t.Errorf("changed %v and %v, on disk %s", mine.Changed(), theirs.Changed(), onDisk(t, mine))
	}
	if err := mine.Delete(); !errors.Is(err, ErrChanged) {
		t.Errorf("deleted it: %v", err)
	}

	kept := *mine
	if err := kept.SaveAs("c of mine"); err != nil || onDisk(t, &kept) != "a mine" || kept.file == mine.file || onDisk(t, mine) != "a theirs" {
		t.Errorf("as another: %v, %+v", err, kept)
	}
	reloaded := *mine
	if err := reloaded.Reload(); err != nil || names(&reloaded) != "a theirs" {
		t.Errorf("reloaded: %v, %s", err, names(&reloaded))
	}
	add(&reloaded, "more")
	if err := reloaded.Save(); err != nil || onDisk(t, mine) != "a theirs more" {
		t.Errorf("after it was reloaded: %v", err)
	}
	if err := mine.Overwrite(); err != nil || onDisk(t, mine) != "a mine" {
		t.Errorf("overwritten: %v, %s", err, onDisk(t, mine))
	}
	if err := mine.Save(); err != nil {
		t.Errorf("after it was overwritten: %v", err)
	}

	if err := os.Remove(mine.File()); err != nil {
		t.Fatal(err)
	}
	if err := mine.Save(); !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "gone") {
		t.Errorf("saved where the file was deleted: %v", err)
	}
	if err := mine.Overwrite(); err != nil || onDisk(t, mine) != "a mine" {
		t.Errorf("made again: %v", err)
	}
	if err := mine.Delete(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(mine.File()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if err := mine.Save(); err != nil || onDisk(t, mine) != "a mine" {
		t.Errorf("saved after it was deleted here: %v", err)
	}
}

func TestAChangeOfTheSameLengthAndTimeIsNoticed(t *testing.T) {
	c := filled(t, Open(t.TempDir()), "c", "a")
	st, err := os.Stat(c.File())
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(c.File())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.File(), []byte(strings.Replace(string(b), `"a"`, `"b"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(c.File(), st.ModTime(), st.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); !errors.Is(err, ErrChanged) {
		t.Errorf("saved over it: %v", err)
	}
}

func TestManyThatAddAtOnceLoseNothing(t *testing.T) {
	folder := t.TempDir()
	file := filled(t, Open(folder), "c").file
	const writers, each = 4, 10
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			s := Open(folder) // each as a program of its own
			for i := range each {
				for {
					c, err := s.Load(file)
					if err == nil {
						err = c.Add(Message{Name: fmt.Sprint(w, "-", i)})
					}
					if err == nil {
						err = c.Save()
					}
					if err == nil {
						break
					}
					if !errors.Is(err, ErrChanged) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	c, err := Open(folder).Load(file)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(names(c))
	slices.Sort(got)
	if got = slices.Compact(got); len(got) != writers*each {
		t.Errorf("%d of %d messages are there", len(got), writers*each)
	}
	if left, err := filepath.Glob(filepath.Join(folder, ".messages-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestAMessageMovesBetweenCollections(t *testing.T) {
	s := Open(t.TempDir())
	from, to := filled(t, s, "from", "a", "b", "c"), filled(t, s, "to", "x", "y")
	if err := from.MoveTo(1, to, 1); err != nil || onDisk(t, from) != "a c" || onDisk(t, to) != "x b y" {
		t.Errorf("%v: %s and %s", err, onDisk(t, from), onDisk(t, to))
	}
	if err := from.MoveTo(2, to, 0); err == nil {
		t.Error("a message that is not there was moved")
	}
	if err := from.MoveTo(0, to, 9); err == nil {
		t.Error("a message was moved to a place that is not there")
	}
	if err := from.MoveTo(0, from, 1); err == nil {
		t.Error("a message was moved to where it is")
	}
	for _, changed := range []*Collection{from, to} {
		other, err := s.Load(changed.file)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(other.Add(Message{Name: "new"}), other.Save()); err != nil {
			t.Fatal(err)
		}
		if err := from.MoveTo(0, to, 0); !errors.Is(err, ErrChanged) {
			t.Errorf("with %q changed: %v", changed.Name, err)
		}
		if names(from) != "a c" || names(to) != "x b y" {
			t.Errorf("with %q changed they are now %s and %s", changed.Name, names(from), names(to))
		}
		if err := changed.Overwrite(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMessagesAreFoundByName(t *testing.T) {
	s := Open(t.TempDir())
	filled(t, s, "Game", "Log in", "log out", "Ping")
	filled(t, s, "Mail log", "HELO", "Ping")
	if err := os.WriteFile(filepath.Join(s.Folder(), "broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ query, want string }{
		{"ping", "Game:2 Mail log:1"},
		{"LOG", "Game:0 Game:1 Mail log:0 Mail log:1"},
		{"in log", "Game:0 Mail log:1"},
		{" ping  game ", "Game:2"},
		{"none", ""},
		{"", "Game:0 Game:1 Game:2 Mail log:0 Mail log:1"},
	}
	for _, tt := range tests {
		hits, err := s.Search(tt.query)
		var got []string
		for _, h := range hits {
			got = append(got, fmt.Sprint(h.Collection, ":", h.Index))
			if c, err := s.Load(h.File); err != nil || c.Messages[h.Index] != h.Message {
				t.Errorf("%+v is not there", h)
			}
		}
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%q finds %q, %v; want %q", tt.query, got, err, tt.want)
		}
	}
}

func TestASymbolicLinkStays(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a link needs a privilege there")
	}
	folder, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "real.json")
	if err := os.WriteFile(elsewhere, []byte(`{"messages": [{"name": "a"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link.json")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	c, err := Open(folder).Load("link.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Add(Message{Name: "b"}), c.Save()); err != nil {
		t.Fatal(err)
	}
	st, err := os.Lstat(link)
	b, err2 := os.ReadFile(elsewhere)
	if err != nil || err2 != nil || st.Mode()&os.ModeSymlink == 0 || !strings.Contains(string(b), `"b"`) {
		t.Errorf("%v, %s, %v, %v", st.Mode(), b, err, err2)
	}
}

func TestAPipeAndAHugeFileAreNotRead(t *testing.T) {
	mkfifo, err := exec.LookPath("mkfifo")
	if err != nil {
		t.Skip("there is no mkfifo here")
	}
	folder := t.TempDir()
	if out, err := exec.Command(mkfifo, filepath.Join(folder, "pipe.json")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Create(filepath.Join(folder, "huge.json"))
	if err == nil {
		err = errors.Join(f.Truncate(MaxFile+1), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	list, err := Open(folder).List()
	if err != nil || len(list) != 2 || list[0].Err == nil || !strings.Contains(list[0].Err.Error(), "64 MiB") || list[1].Err == nil {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestAFolderThatCannotBeWrittenToIsToldOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := Open(path)
	if _, err := s.Create("c"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("created: %v", err)
	}
	if _, err := s.List(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("listed: %v", err)
	}
}

func TestACollectionIsRenamed(t *testing.T) {
	s := Open(t.TempDir())
	c := filled(t, s, "Game", "a", "b")
	filled(t, s, "Lab")
	file := c.File()
	for name, says := range map[string]string{"": "needs a name", "LAB": `called "Lab" already`, "x\u202e": "cannot be seen", " x": "blank"} {
		if err := c.Rename(name); err == nil || !strings.Contains(err.Error(), says) || c.Name != "Game" {
			t.Errorf("to %q: %v, and it is called %q", name, err, c.Name)
		}
	}
	for _, name := range []string{"Arcade", "ARCADE"} { // its own name in another case is not taken
		if err := c.Rename(name); err != nil || c.Name != name || c.File() != file {
			t.Errorf("to %q: %v, %q in %s", name, err, c.Name, c.File())
		}
		now, err := s.Load(filepath.Base(file))
		if err != nil || now.Name != name || names(now) != "a b" {
			t.Errorf("in the file it is %v, %v", now, err)
		}
	}
	if err := c.Save(); err != nil {
		t.Errorf("saving after that: %v", err)
	}
	other, err := s.Load(filepath.Base(file))
	if err != nil || other.Rename("Elsewhere") != nil {
		t.Fatal(err)
	}
	if err := c.Rename("Again"); !errors.Is(err, ErrChanged) || c.Name != "ARCADE" {
		t.Errorf("after another program renamed it: %v, %q", err, c.Name)
	}
}

func TestTheListHasTheCollectionsThemselves(t *testing.T) {
	s := Open(t.TempDir())
	filled(t, s, "Game", "a", "b")
	if err := os.WriteFile(filepath.Join(s.Folder(), "broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	infos, err := s.List()
	if err != nil || len(infos) != 2 || infos[0].Collection != nil || infos[0].Err == nil {
		t.Fatalf("%+v, %v", infos, err)
	}
	c := infos[1].Collection
	if err := c.Add(Message{Name: "c"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); err != nil || onDisk(t, c) != "a b c" {
		t.Errorf("%v, in the file %s", err, onDisk(t, c))
	}
}
