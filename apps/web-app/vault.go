package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// loginMargin is how long before its expiry a Vault token is no longer used, so that none expires in transit.
const loginMargin = 30 * time.Second

// errForbidden is Vault's answer to a token it no longer knows, or one whose policy does not allow the read.
var errForbidden = errors.New("vault refused the token (403)")

// vaultClient reads one KV v2 secret, logging in with the pod's projected service-account token when it has to.
type vaultClient struct {
	address    string // VAULT_ADDR
	authPath   string // mount of the Kubernetes auth method, for example "kubernetes"
	role       string // Vault role to log in to
	secretPath string // API path of the secret, for example "secret/data/webapp/config"
	tokenPath  string // file of the projected service-account token; the kubelet renews it
	http       *http.Client

	mu      sync.Mutex
	token   string
	expires time.Time
}

func (c *vaultClient) describe() string { return c.secretPath }

// read returns the secret's current values. A token that Vault no longer accepts is replaced once.
func (c *vaultClient) read(ctx context.Context) (map[string]any, error) {
	token, err := c.login(ctx, false)
	if err != nil {
		return nil, err
	}
	values, err := c.readSecret(ctx, token)
	if errors.Is(err, errForbidden) {
		if token, err = c.login(ctx, true); err != nil {
			return nil, err
		}
		values, err = c.readSecret(ctx, token)
	}
	return values, err
}

func (c *vaultClient) login(ctx context.Context, again bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !again && c.token != "" && time.Now().Before(c.expires) {
		return c.token, nil
	}
	// Read at every login: the kubelet replaces the file well before the token in it expires.
	jwt, err := os.ReadFile(c.tokenPath)
	if err != nil {
		return "", fmt.Errorf("read the service-account token: %w", err)
	}
	var answer struct {
		Auth struct {
			ClientToken   string `json:"client_token"`
			LeaseDuration int    `json:"lease_duration"`
		} `json:"auth"`
	}
	body := map[string]string{"role": c.role, "jwt": strings.TrimSpace(string(jwt))}
	if err := c.call(ctx, http.MethodPost, "auth/"+c.authPath+"/login", "", body, &answer); err != nil {
		return "", fmt.Errorf("log in to role %s: %w", c.role, err)
	}
	c.token = answer.Auth.ClientToken
	c.expires = time.Now().Add(time.Duration(answer.Auth.LeaseDuration)*time.Second - loginMargin)
	return c.token, nil
}

func (c *vaultClient) readSecret(ctx context.Context, token string) (map[string]any, error) {
	var answer struct {
		Data struct {
			Data map[string]any `json:"data"`
		} `json:"data"`
	}
	if err := c.call(ctx, http.MethodGet, c.secretPath, token, nil, &answer); err != nil {
		return nil, fmt.Errorf("read %s: %w", c.secretPath, err)
	}
	return answer.Data.Data, nil
}

// call sends one request. Its errors carry only the status: a response body from Vault may hold something that must not
// be logged.
func (c *vaultClient) call(ctx context.Context, method, path, token string, body, answer any) error {
	var payload io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.address, "/")+"/v1/"+path, payload)
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("X-Vault-Token", token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusForbidden:
		return errForbidden
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("vault answered %s", response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
