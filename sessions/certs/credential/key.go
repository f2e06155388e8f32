package credential

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"wirebench/sessions/certs"
)

// privateKeys returns the private keys in PEM or DER that can be read, and why the first that cannot be
// read is not among them.
func privateKeys(data []byte, passphrase string) (keys []crypto.PrivateKey, err error) {
	blocks := certs.PEMBlocks(data)
	if len(blocks) == 0 {
		return fromDER(data, passphrase)
	}
	for _, b := range blocks {
		if !isKey(b.Type) {
			continue
		}
		key, problem := fromBlock(b, passphrase)
		if problem == nil {
			keys = append(keys, key)
		} else if err == nil {
			err = problem
		}
	}
	return keys, err
}

func isKey(label string) bool {
	return label == "PRIVATE KEY" || bytes.HasSuffix([]byte(label), []byte(" PRIVATE KEY"))
}

func fromDER(data []byte, passphrase string) ([]crypto.PrivateKey, error) {
	if certs.IsPKCS12(data) {
		return nil, errors.New("it is PKCS#12, which has the certificate too: name it in the place of the certificate, and no file for the key")
	}
	if _, err := x509.ParseCertificate(data); err == nil {
		return nil, nil // the certificate alone
	}
	key, err := parseKey(data, "")
	if err != nil {
		der, wrong := decryptPKCS8(data, passphrase)
		switch {
		case errors.Is(wrong, errDamaged):
			return nil, err // no encrypted key, it seems
		case wrong != nil:
			return nil, wrong
		}
		if key, err = parseKey(der, ""); err != nil {
			return nil, err
		}
	}
	return []crypto.PrivateKey{key}, nil
}

// fromBlock reads the private key of one PEM block.
func fromBlock(b certs.PEMBlock, passphrase string) (crypto.PrivateKey, error) {
	if b.Damaged {
		return nil, fmt.Errorf("its private key (line %d) is damaged: it is not base64 throughout, or has no END line that matches", b.Line)
	}
	switch b.Type {
	case "ENCRYPTED PRIVATE KEY":
		der, err := decryptPKCS8(b.Bytes, passphrase)
		if err != nil {
			return nil, err
		}
		return parseKey(der, "")
	case "OPENSSH PRIVATE KEY":
		return nil, errors.New("its private key is in the format of SSH: ssh-keygen -p -m PKCS8 writes it anew as one for TLS")
	}
	//lint:ignore SA1019 the old encryption of PEM (RFC 1423) is weak, and people have such files
	if !x509.IsEncryptedPEMBlock(b.Block) {
		return parseKey(b.Bytes, b.Type)
	}
	return fromOldEncryption(b.Block, passphrase)
}

// fromOldEncryption reads a key encrypted as RFC 1423 has it, in ciphers of OpenSSL's.
func fromOldEncryption(block *pem.Block, passphrase string) (crypto.PrivateKey, error) {
	if passphrase == "" {
		return nil, passphraseNeeded()
	}
	//lint:ignore SA1019 as above
	der, err := x509.DecryptPEMBlock(block, []byte(passphrase))
	switch {
	case errors.Is(err, x509.IncorrectPasswordError):
		return nil, wrongPassphrase()
	case err != nil:
		return nil, fmt.Errorf("its private key cannot be decrypted (%w): write it anew with openssl pkcs8 -topk8", err)
	}
	key, err := parseKey(der, block.Type)
	if err != nil { // one wrong passphrase in 256 is not noticed when decrypting
		return nil, wrongPassphrase()
	}
	return key, nil
}

func passphraseNeeded() error {
	return fmt.Errorf("its private key is encrypted: a %w is needed", ErrPassphrase)
}

func wrongPassphrase() error { return fmt.Errorf("the %w is not the right one", ErrPassphrase) }

// parseKey reads PKCS#8, PKCS#1 or SEC 1; label is what PEM calls it, "" when nothing does.
func parseKey(der []byte, label string) (crypto.PrivateKey, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err == nil {
		return key, nil
	}
	rsa, errRSA := x509.ParsePKCS1PrivateKey(der)
	if errRSA == nil {
		return rsa, nil
	}
	ec, errEC := x509.ParseECPrivateKey(der)
	if errEC == nil {
		return ec, nil
	}
	switch label {
	case "RSA PRIVATE KEY":
		err = errRSA
	case "EC PRIVATE KEY":
		err = errEC
	case "":
		if !bytes.HasPrefix(der, []byte{0x30}) {
			return nil, errors.New("it is no private key: one in PEM or DER is expected")
		}
	}
	return nil, fmt.Errorf("its private key cannot be read: %w (RSA, ECDSA and Ed25519 are known, as PKCS#8, PKCS#1 and SEC 1)", err)
}
