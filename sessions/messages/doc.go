// Package messages keeps messages for sending again: in named collections, each
// a plain file in one folder.
//
// [Open] names the folder; [Store.List] tells what is in it, [Store.Load] reads
// a [Collection], which is changed in memory and written by [Collection.Save],
// and [Store.Search] finds messages by name in all of them.
// [ImportPacketSender] reads the packets of Packet Sender.
//
// # The file
//
// It is JSON, made to be read and edited by hand:
//
//	{
//		"version": 1,
//		"name": "Game server",
//		"messages": [
//			{
//				"name": "Log in",
//				"mode": "fields",
//				"message": [
//					"u8 1, u16 len(rest)",
//					"str8 \"ada\""
//				],
//				"order": "little",
//				"target": "tcp://127.0.0.1:7777",
//				"note": "the first message"
//			},
//			{
//				"name": "Ping",
//				"mode": "text",
//				"message": "PING\\n",
//				"ending": "CRLF"
//			}
//		]
//	}
//
// The mode is text, hex or fields, and message is in that notation, in one
// string or in a list of its lines. Of a message only the name is needed. The
// name of the file says nothing: it is that of the collection when it was made.
//
// What cannot be read is an error at its line and the file is left as it is;
// that holds for an unknown key too, so that saving never drops what somebody
// wrote. Files are written in one step, mode 0600, and last when they are
// written. A save into a file that somebody else changed is refused with
// [ErrChanged].
package messages
