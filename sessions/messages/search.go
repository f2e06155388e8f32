package messages

import "strings"

// Hit is a message that was found.
type Hit struct {
	File       string // of the collection, for [Store.Load]
	Collection string
	Index      int
	Message    Message
}

// maxHits bounds what a search gives.
const maxHits = 1000

// Search finds messages in all collections by their names: those in which every
// word of the query occurs, in the name or in that of the collection, in either
// case; the first 1,000. An empty query finds all. Files that cannot be read
// are passed over; [Store.List] tells.
func (s *Store) Search(query string) ([]Hit, error) {
	all, err := s.all()
	var hits []Hit
	for _, l := range all {
		for _, i := range l.c.Find(query) {
			if len(hits) == maxHits {
				return hits, err
			}
			hits = append(hits, Hit{l.file, l.c.Name, i, l.c.Messages[i]})
		}
	}
	return hits, err
}

// Find gives the numbers of the messages that [Store.Search] would find here.
func (c *Collection) Find(query string) []int {
	words := strings.Fields(strings.ToLower(query))
	collection := strings.ToLower(c.Name)
	var found []int
messages:
	for i := range c.Messages {
		name := strings.ToLower(c.Messages[i].Name)
		for _, w := range words {
			if !strings.Contains(name, w) && !strings.Contains(collection, w) {
				continue messages
			}
		}
		found = append(found, i)
	}
	return found
}
