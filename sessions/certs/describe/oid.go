package describe

// OID names a well-known object identifier in dotted decimal: an algorithm, a
// curve, an extension, an extended key usage, a policy, an attribute of a
// distinguished name. It is "" for one that is not known.
func OID(oid string) string {
	if name, ok := oids[oid]; ok {
		return name
	}
	if name, ok := policies[oid]; ok {
		return name
	}
	return purposes[oid]
}
