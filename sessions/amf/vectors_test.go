package amf_test

// vector is a value as bytes and in the notation of ParseText on one line.
type vector struct{ source, bytes, text string }

// vectors0 holds values of AMF0. The sources are the specification of December
// 2007, shared objects that Flash Player wrote, and facts that the tests of PyAMF
// state.
var vectors0 = []vector{
	{"2.2 Number", "00 0000000000000000", `0`},
	{"PyAMF", "00 3fc999999999999a", `0.2`},
	{"PyAMF", "00 3ff0000000000000", `1`},
	{"PyAMF", "00 4045000000000000", `42`},
	{"PyAMF", "00 c05ec00000000000", `-123`},
	{"PyAMF", "00 3ff3c0ca4283de1b", `1.23456789`},
	{"PyAMF", "00 7ff0000000000000", `Infinity`},
	{"PyAMF", "00 fff0000000000000", `-Infinity`},
	{"PyAMF", "00 fff8000000000000", `NaN(0xfff8000000000000)`},
	{"IEEE 754", "00 7ff8000000000000", `NaN`},
	{"IEEE 754", "00 8000000000000000", `-0`},
	{"IEEE 754, a signalling NaN", "00 7ff0000000000001", `NaN(0x7ff0000000000001)`},
	{"2.3 Boolean", "01 01", `true`},
	{"2.3 Boolean", "01 00", `false`},
	{"2.4 String", "02 0000", `""`},
	{"PyAMF", "02 0005 68656c6c6f", `"hello"`},
	{"PyAMF", "02 0009 e19aa0e19b87e19abb", `"ᚠᛇᚻ"`},
	{"a lone byte that is no UTF-8", "02 0001 ff", `"\xff"`},
	{"2.7 null", "05", `null`},
	{"2.8 undefined", "06", `undefined`},
	{"2.15 unsupported", "0d", `unsupported`},
	{"PyAMF", "03 0001 61 02 0001 61 0000 09", `{"a": "a"}`},
	{"Wikipedia's example", "03 0004 6e616d65 02 0004 4d696b65 0003 616765 00 403e000000000000 0005 616c696173 02 0004 4d696b65 0000 09",
		`{"name": "Mike", "age": 30, "alias": "Mike"}`},
	{"a member without a name is one", "03 0000 05 0000 09", `{"": null}`},
	{"2.9 Reference, an object that holds itself", "03 0001 61 07 0000 0000 09", `{"a": @0}`},
	{"PyAMF", "0a 00000001 0a 00000002 08 00000000 0001 61 02 0004 7370616d 0001 62 02 0004 65676773 0000 09 07 0002",
		`[[ECMAArray(0){"a": "spam", "b": "eggs"}, @2]]`},
	{"2.10 ECMA Array", "08 00000000 0001 61 02 0001 61 0000 09", `ECMAArray(0){"a": "a"}`},
	{"Flash Player, an array with holes", "08 0000000f 0000 09", `ECMAArray(15){}`},
	{"Flash Player, mixedArray", "08 00000002 0001 30 02 0005 6669727374 0001 31 02 0006 7365636f6e64 0009 70726f706572747941 02 0004 61616161 0000 09",
		`ECMAArray(2){"0": "first", "1": "second", "propertyA": "aaaa"}`},
	{"2.12 Strict Array", "0a 00000000", `[]`},
	{"PyAMF", "0a 00000003 00 3ff0000000000000 00 4000000000000000 00 4008000000000000", `[1, 2, 3]`},
	{"PyAMF", "0b 4270 2b36 2115 8000 0000", `Date("2005-03-18T01:58:31.000Z")`},
	{"PyAMF", "0b 426f 25e2 b280 0000 0000", `Date("2003-12-01T00:00:00.000Z")`},
	{"PyAMF, a fraction of a millisecond", "0b 4271fe86ca35a1f4 0000", `Date(1236555047770.122)`},
	{"Flash Player, a time zone", "0b 4274835e3a25e000 00f0", `Date("2014-09-02T10:23:03.774Z", 240)`},
	{"an invalid Date", "0b 7ff8000000000000 fffe", `Date(NaN, -2)`},
	{"2.14 Long String, of any length", "0c 00000005 68656c6c6f", `LongString("hello")`},
	{"PyAMF", "0f 00000019 3c613e3c623e68656c6c6f20776f726c643c2f623e3c2f613e", `XMLDocument("<a><b>hello world</b></a>")`},
	{"PyAMF", "10 000e 6f72672e7079616d662e7370616d 0003 62617a 02 0005 68656c6c6f 0000 09", `Object("org.pyamf.spam"){"baz": "hello"}`},
	{"Flash Player", "10 000f 415332536f6c54657374436c617373 0003 666f6f 02 000c 6368616e6765642070726f70 0000 09",
		`Object("AS2SolTestClass"){"foo": "changed prop"}`},
	{"PyAMF", "11 04 01", `AMF3(1)`},
	{"PyAMF", "11 0a0b 13 7370616d2e65676773 03 78 06 03 79 01", `AMF3(Object("spam.eggs"){; "x": "y"})`},
	{"PyAMF, tables of AMF3 that go on from one value to the next",
		"0a 00000002 11 0a23 01 0d 666f726d6174 0b 76616c7565 06 07 75726e 06 05 6162 11 0a23 01 02 09 74797065 06 0f 70617373777264 06 00",
		`[AMF3(Object(""){"format": "urn", "value": "ab"}), AMF3(Object(""){"value": "passwrd", "type": "format"})]`},
	{"both kinds of references in one value", "0a 00000003 11 09 01 01 11 09 00 07 0000", `[AMF3([]), AMF3(@0), @0]`},
}

// vectors3 holds values of AMF3, from the specification of January 2013, Flash
// Player and PyAMF. Where Flash Player's came from the middle of a file, the
// places of its texts are counted anew.
var vectors3 = []vector{
	{"3.2 undefined", "00", `undefined`},
	{"3.3 null", "01", `null`},
	{"3.4 false", "02", `false`},
	{"3.5 true", "03", `true`},
	{"PyAMF", "04 00", `0`},
	{"PyAMF", "04 35", `53`},
	{"1.3.1, the largest in one byte", "04 7f", `127`},
	{"1.3.1, the smallest in two", "04 8100", `128`},
	{"PyAMF", "04 8154", `212`},
	{"1.3.1, the largest in two", "04 ff7f", `16383`},
	{"1.3.1, the smallest in three", "04 818000", `16384`},
	{"PyAMF", "04 86ca3f", `107839`},
	{"1.3.1, the largest in three", "04 ffff7f", `2097151`},
	{"1.3.1, the smallest in four", "04 80c08000", `2097152`},
	{"PyAMF", "04 80ffffff", `4194303`},
	{"PyAMF", "04 81808000", `4194304`},
	{"3.6, the largest", "04 bfffffff", `268435455`},
	{"PyAMF", "04 ffffffff", `-1`},
	{"PyAMF", "04 ffffffd6", `-42`},
	{"PyAMF", "04 ffffff85", `-123`},
	{"3.6, the smallest", "04 c0808000", `-268435456`},
	{"PyAMF, above what an int holds", "05 41b0000000000000", `268435456.0`},
	{"PyAMF, below what an int holds", "05 c1b0000001000000", `-268435457.0`},
	{"PyAMF", "05 3fc999999999999a", `0.2`},
	{"PyAMF", "05 c05ec00000000000", `-123.0`},
	{"PyAMF", "05 fff8000000000000", `NaN(0xfff8000000000000)`},
	{"PyAMF", "05 fff0000000000000", `-Infinity`},
	{"PyAMF", "05 7ff0000000000000", `Infinity`},
	{"IEEE 754", "05 8000000000000000", `-0.0`},
	{"Flash Player", "05 7fefffffffffffe2", `1.79769313486231e+308`},
	{"Flash Player", "05 0000000000000001", `5e-324`},
	{"3.8, the empty text", "06 01", `""`},
	{"PyAMF", "06 0b 68656c6c6f", `"hello"`},
	{"PyAMF", "06 0d c692c3b8c3b8", `"ƒøø"`},
	{"Flash Player", "07 5d 3c73746172743e3c703e746573745f646f633c2f703e3c703e74657374325f646f633c2f703e3c2f73746172743e",
		`XMLDocument("<start><p>test_doc</p><p>test2_doc</p></start>")`},
	{"PyAMF", "08 01 4270 2b36 2115 8000", `Date("2005-03-18T01:58:31.000Z")`},
	{"PyAMF", "08 01 4272 3ed8 1fff 8000", `Date("2009-09-24T19:23:23.000Z")`},
	{"Flash Player", "08 01 4274836553676000", `Date("2014-09-02T12:27:07.254Z")`},
	{"PyAMF", "09 01 01", `[]`},
	{"PyAMF", "09 09 01 0400 0401 0402 0403", `[0, 1, 2, 3]`},
	{"PyAMF", "09 0b 01 06 0b 48656c6c6f 0402 0403 0404 0405", `["Hello", 2, 3, 4, 5]`},
	{"PyAMF, both parts of an array", "09 03 07 666f6f 06 07 626172 01 06 0b 68656c6c6f", `["foo": "bar", "hello"]`},
	{"PyAMF, a key that a value repeats", "09 0d 03 61 06 00 01 0400 0401 0402 0403 0404 0405", `["a": "a", 0, 1, 2, 3, 4, 5]`},
	{"an array that holds itself", "09 03 01 09 00", `[@0]`},
	{"PyAMF", "0a 0b 01 09 7370616d 06 09 65676773 01", `{"spam": "eggs"}`},
	{"PyAMF", "0a 0b 01 01", `{}`},
	{"PyAMF", "0a 0b 01 03 61 06 00 03 63 06 02 03 62 06 04 03 64 06 06 01", `{"a": "a", "c": "c", "b": "b", "d": "d"}`},
	{"PyAMF, a class without a name", "0a 13 01 07 62617a 06 0b 68656c6c6f", `Object(""){"baz": "hello"}`},
	{"PyAMF", "0a 13 1d 6f72672e7079616d662e7370616d 07 62617a 06 0b 68656c6c6f", `Object("org.pyamf.spam"){"baz": "hello"}`},
	{"PyAMF, sealed and dynamic", "0a 1b 0f 6162632e78797a 09 7370616d 06 07 666f6f 09 65676773 06 07 626172 01",
		`Object("abc.xyz"){"spam": "foo"; "eggs": "bar"}`},
	{"PyAMF, dynamic alone", "0a 0b 0f 6162632e78797a 09 7370616d 06 09 65676773 01", `Object("abc.xyz"){; "spam": "eggs"}`},
	{"PyAMF, two members", "0a 23 01 03 61 03 62 06 09 7370616d 04 05", `Object(""){"a": "spam", "b": 5}`},
	{"PyAMF, a class by reference",
		"09 05 01 0a 3b 01 17 6465736372697074696f6e 05 6964 09 6e616d65 01 04 01 06 07 666f6f 01 0a 01 01 04 02 06 07 626172 01",
		`[Object(""){"description": null, "id": 1, "name": "foo";}, Object(""){"description": null, "id": 2, "name": "bar";}]`},
	{"PyAMF, members that are one text", "0a 2b 21 7370616d2e656767732e506572736f6e 17 66616d696c795f6e616d65 15 676976656e5f6e616d65 06 07 446f65 06 09 4a616e65 02 06 06 04 06 08 01",
		`Object("spam.eggs.Person"){"family_name": "Doe", "given_name": "Jane"; "family_name": "Doe", "given_name": "Jane"}`},
	{"Flash Player", "0a 13 27 636f6d2e415333536f6c54657374436c617373 07 666f6f 04 06", `Object("com.AS3SolTestClass"){"foo": 6}`},
	{"an object that holds itself", "0a 13 01 09 41414141 0a 00", `Object(""){"AAAA": @0}`},
	{"a sealed member without a name", "0a 13 01 01 0a 00", `Object(""){"": @0}`},
	{"PyAMF, a class that writes itself", "0a 07 0f 6162632e78797a", `Externalizable("abc.xyz")`},
	{"PyAMF", "0a 07 43 666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e 09 09 01 0400 0401 0402 0403",
		`Externalizable("flex.messaging.io.ArrayCollection")[[0, 1, 2, 3]]`},
	{"PyAMF", "0a 07 3b 666c65782e6d6573736167696e672e696f2e4f626a65637450726f7879 0a 0b 01 09 7370616d 06 09 65676773 01",
		`Externalizable("flex.messaging.io.ObjectProxy")[{"spam": "eggs"}]`},
	{"Flash Player, the same class as a dynamic one", "0a 0f 3b 666c65782e6d6573736167696e672e696f2e4f626a65637450726f7879 0a 0b 01 01",
		`Externalizable("flex.messaging.io.ObjectProxy", dynamic)[{}]`},
	{"PyAMF, one known class in the other",
		"0a 07 43 666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e 09 03 01 0a 07 3b 666c65782e6d6573736167696e672e696f2e4f626a65637450726f7879 0a 0b 01 09 7370616d 06 09 65676773 01",
		`Externalizable("flex.messaging.io.ArrayCollection")[[Externalizable("flex.messaging.io.ObjectProxy")[{"spam": "eggs"}]]]`},
	{"PyAMF, BlazeDS's AcknowledgeMessageExt",
		"0a 07 07 44534b a803 0a 0b 01 25 44534d6573736167696e6756657273696f6e 05 3ff0000000000000" +
			" 09 44534964 06 49 45453044313631442d433131442d323543422d384442452d334237374235344235354439 01" +
			" 05 4272 3326 6d85 1000 0c 21 ee0d161dc128265bc980524b9b45c6c4 0c 21 ee0d161dc13d8ea3e010efad3be5c56a" +
			" 02 0c 21 538483dba9c8ca4d60953266db51c93c 00",
		`Externalizable("DSK", "a8030200")["headers": {"DSMessagingVersion": 1.0, "DSId": "EE0D161D-C11D-25CB-8DBE-3B77B54B55D9"},` +
			` "timestamp": 1250681083985.0, "clientIdBytes": ByteArray("ee0d161dc128265bc980524b9b45c6c4"),` +
			` "messageIdBytes": ByteArray("ee0d161dc13d8ea3e010efad3be5c56a"), "correlationIdBytes": ByteArray("538483dba9c8ca4d60953266db51c93c")]`},
	{"PyAMF, BlazeDS's CommandMessageExt",
		"0a 07 07 445343 8802 0a 0b 01 09 44534964 06 49 45453044313631442d433131442d323543422d384442452d334237374235344235354439 01" +
			" 0c 21 c0dfb77cd6ee24317315 3266e131a866 01 06 01 01 04 02",
		`Externalizable("DSC", "88020101")["headers": {"DSId": "EE0D161D-C11D-25CB-8DBE-3B77B54B55D9"},` +
			` "messageIdBytes": ByteArray("c0dfb77cd6ee243173153266e131a866"), "correlationId": "", "operation": 2]`},
	{"Flash Player", "0b 5b 3c73746172743e0a20203c703e746573743c2f703e0a20203c703e74657374323c2f703e0a3c2f73746172743e",
		`XML("<start>\n  <p>test</p>\n  <p>test2</p>\n</start>")`},
	{"PyAMF, the same XML again", "09 05 01 0b 33 3c613e3c623e68656c6c6f20776f726c643c2f623e3c2f613e 0b 02", `[XML("<a><b>hello world</b></a>"), @1]`},
	{"PyAMF", "0c 0b 68656c6c6f", `ByteArray("68656c6c6f")`},
	{"Flash Player", "0c 1d 000c48656c6c6f20576f726c6421", `ByteArray("000c48656c6c6f20576f726c6421")`},
	{"Flash Player", "0d 09 01 00000002 000007d0 7fffffff 80000000", `Vector.<int>(fixed)[2, 2000, 2147483647, -2147483648]`},
	{"Flash Player", "0e 09 00 00000002 000007d0 ffffffff 00000000", `Vector.<uint>[2, 2000, 4294967295, 0]`},
	{"Flash Player", "0f 0f 00 3ff199999999999a bff199999999999a 7fefffffffffffe2 0000000000000001 fff8000000000000 fff0000000000000 7ff0000000000000",
		`Vector.<Number>[1.1, -1.1, 1.79769313486231e+308, 5e-324, NaN(0xfff8000000000000), -Infinity, Infinity]`},
	{"3.15, an empty vector", "0d 01 00", `Vector.<int>[]`},
	{"Flash Player", "10 07 00 01 05 4010666666666666 04 03 06 07 616161", `Vector.<"">[4.1, 3, "aaa"]`},
	{"Flash Player", "10 07 01 27 636f6d2e415333536f6c54657374436c617373 0a 13 00 07 666f6f 04 01 0a 01 04 02 0a 01 04 03",
		`Vector.<"com.AS3SolTestClass">(fixed)[Object("com.AS3SolTestClass"){"foo": 1}, Object("com.AS3SolTestClass"){"foo": 2}, Object("com.AS3SolTestClass"){"foo": 3}]`},
	{"a vector that holds itself", "10 07 01 01 01 01 10 00", `Vector.<"">(fixed)[null, null, @0]`},
	{"a dictionary that holds itself", "11 03 00 00 11 00", `Dictionary{undefined: @0}`},
	{"3.16, weak keys", "11 03 01 06 03 61 0401", `Dictionary(weak){"a": 1}`},
	{"Flash Player",
		"11 0b 00 06 03 30 0a 0b 01 07 666f6f 06 0d 76616c756530 01 06 09 6b657931 0a 01 02 06 09 77686174 01" +
			" 0b 4f 3c73746172743e0a20203c7370616e3e74657374696e673c2f7370616e3e0a3c2f73746172743e 06 0d 76616c756534" +
			" 0a 13 27 636f6d2e415333536f6c54657374436c617373 02 04 07 06 0d 76616c756532" +
			" 0a 01 0f 746869735f6973 06 0f 20612074657374 01 06 0d 76616c756533",
		`Dictionary{"0": {"foo": "value0"}, "key1": {"foo": "what"}, XML("<start>\n  <span>testing</span>\n</start>"): "value4",` +
			` Object("com.AS3SolTestClass"){"foo": 7}: "value2", {"this_is": " a test"}: "value3"}`},
	{"PyAMF, BlazeDS's RemotingMessage",
		"0a 811b 4f 666c65782e6d6573736167696e672e6d657373616765732e52656d6f74696e674d657373616765 09 626f6479 11 636c69656e744964" +
			" 17 64657374696e6174696f6e 0f 68656164657273 13 6d6573736167654964 13 6f7065726174696f6e 0d 736f75726365 15 74696d65546f4c697665" +
			" 13 74696d657374616d70 01 01 01 0a 0b 01 01 01 01 01 06 0f 666f6f2e626172 01 01",
		`Object("flex.messaging.messages.RemotingMessage"){"body": null, "clientId": null, "destination": null, "headers": {},` +
			` "messageId": null, "operation": null, "source": null, "timeToLive": "foo.bar", "timestamp": null;}`},
}

// repeated holds what programs write that do not look into their tables: the
// bytes come back all the same.
var repeated = []vector{
	{"a text again in full", "09 05 01 06 03 61 06 03 61", `["a", "a"]`},
	{"a name again in full", "09 05 01 0a 0b 01 03 61 01 01 0a 01 03 61 01 01", `[{"a": null}, {"a": null}]`},
	{"traits again in full", "09 05 01 0a 13 03 43 03 61 01 0a 13 00 02 01", `[Object("C"){"a": null}, Object("C"){"a": null}]`},
	{"traits and their names again in full", "09 05 01 0a 13 03 43 03 61 01 0a 13 03 43 03 61 01", `[Object("C"){"a": null}, Object("C"){"a": null}]`},
	{"Flash Player, traits that stand twice in the table", "09 09 01 0a 0b 01 01 0a 0b 01 01 0a 01 01 0a 05 01", `[{}, {}, {}, {}]`},
	{"the class of a vector again in full", "09 05 01 06 03 43 10 01 00 03 43", `["C", Vector.<"C">[]]`},
	{"a reference that says another type", "09 03 01 0a 00", `[@0]`},
}

// normalised holds what comes back as other bytes, which mean the same.
var normalised = []struct {
	source        string
	version       byte
	bytes, become string
}{
	{"an int in more bytes than it needs", 3, "04 80808001", "04 01"},
	{"a length in more bytes than it needs", 3, "06 8003 61", "06 03 61"},
	{"bits of a Date that mean nothing", 3, "08 7f 0000000000000000", "08 01 0000000000000000"},
	{"bits of an externalizable class that mean nothing", 3, "0a 77 03 58 aa", "0a 07 03 58 aa"},
	{"the flag of a vector", 3, "0d 01 ff", "0d 01 01"},
	{"the flag of a dictionary", 3, "11 01 02", "11 01 01"},
	{"a Boolean that is neither 0 nor 1", 0, "01 80", "01 01"},
	{"the first of two equal texts", 3, "09 07 01 06 03 61 06 03 61 06 00", "09 07 01 06 03 61 06 03 61 06 02"},
}
