// Goseal seals and opens session cookies with Go's standard library alone. It is the other side of
// the tests: written from the description of the format, sharing nothing with the Python code.
//
// It reads a JSON array of jobs from standard input and writes one answer for each.
package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// token has the JSON of golang.org/x/oauth2's Token.
type token struct {
	AccessToken  string    `json:"access_token"`
	TokenType    string    `json:"token_type,omitempty"`
	RefreshToken string    `json:"refresh_token,omitempty"`
	Expiry       time.Time `json:"expiry,omitempty"`
	ExpiresIn    int64     `json:"expires_in,omitempty"`
}

type job struct {
	Secret string `json:"secret"`
	Tenant string `json:"tenant"`
	// To open: the value of a cookie, in either form.
	Cookie string `json:"cookie"`
	// To seal: a token, or its JSON as it is, and what goes with it.
	Token       *token    `json:"token"`
	Plaintext   string    `json:"plaintext"`
	Nonce       string    `json:"nonce"`
	LegacyUntil int64     `json:"legacy_expiry"`
	Expires     time.Time `json:"cookie_expires"`
}

type answer struct {
	Error        string `json:"error,omitempty"`
	Token        *token `json:"token,omitempty"`
	Plaintext    string `json:"plaintext,omitempty"`
	Key          string `json:"key,omitempty"`
	Sealed       string `json:"sealed,omitempty"`
	Current      string `json:"current_cookie_value,omitempty"`
	Legacy       string `json:"legacy_cookie_value,omitempty"`
	LegacyExpiry int64  `json:"legacy_expiry,omitempty"`
	SetCookie    string `json:"set_cookie,omitempty"`
}

func main() {
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answers := make([]answer, len(jobs))
	for i, j := range jobs {
		var err error
		if j.Cookie != "" {
			answers[i], err = open(j)
		} else {
			answers[i], err = seal(j)
		}
		if err != nil {
			answers[i].Error = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func key(j job) []byte {
	sum := sha256.Sum256([]byte(j.Secret + ":" + j.Tenant))
	return sum[:]
}

func aead(j job) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key(j))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func seal(j job) (answer, error) {
	plain := []byte(j.Plaintext)
	if j.Token != nil {
		var err error
		if plain, err = json.Marshal(j.Token); err != nil {
			return answer{}, err
		}
	}
	nonce, err := hex.DecodeString(j.Nonce)
	if err != nil {
		return answer{}, err
	}
	box, err := aead(j)
	if err != nil {
		return answer{}, err
	}
	sealed := base64.StdEncoding.EncodeToString(box.Seal(nonce, nonce, plain, nil))
	current, err := json.Marshal(struct {
		Token string `json:"token"`
	}{sealed})
	if err != nil {
		return answer{}, err
	}
	legacy, err := json.Marshal(struct {
		Metadata string `json:"metadata"`
		Expiry   int64  `json:"expiry"`
	}{sealed, j.LegacyUntil})
	if err != nil {
		return answer{}, err
	}
	value := base64.StdEncoding.EncodeToString(legacy)
	cookie := http.Cookie{
		Name:     "pyroscope_git_session",
		Value:    value,
		Expires:  j.Expires,
		Secure:   true,
		SameSite: http.SameSiteLaxMode,
	}
	return answer{
		Plaintext: string(plain),
		Key:       hex.EncodeToString(key(j)),
		Sealed:    sealed,
		Current:   base64.StdEncoding.EncodeToString(current),
		Legacy:    value,
		SetCookie: cookie.String(),
	}, nil
}

func open(j job) (answer, error) {
	raw, err := base64.StdEncoding.DecodeString(j.Cookie)
	if err != nil {
		return answer{}, err
	}
	var form struct {
		Token    string `json:"token"`
		Metadata string `json:"metadata"`
		Expiry   int64  `json:"expiry"`
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		return answer{}, err
	}
	sealed, err := base64.StdEncoding.DecodeString(form.Token + form.Metadata)
	if err != nil {
		return answer{}, err
	}
	box, err := aead(j)
	if err != nil {
		return answer{}, err
	}
	if len(sealed) < box.NonceSize() {
		return answer{}, fmt.Errorf("too short")
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], nil)
	if err != nil {
		return answer{}, err
	}
	var opened token
	if err := json.Unmarshal(plain, &opened); err != nil {
		return answer{}, err
	}
	return answer{Token: &opened, Plaintext: string(plain), LegacyExpiry: form.Expiry}, nil
}
