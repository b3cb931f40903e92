package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeVault knows one role and one secret; it forgets its tokens when told to, as a restarted Vault would not,
// but a revoked token looks the same to a client.
type fakeVault struct {
	logins int
	token  string
	secret map[string]string
}

func (f *fakeVault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v1/auth/kubernetes/login":
		var body map[string]string
		_ = json.NewDecoder(r.Body).Decode(&body)
		if body["jwt"] != "a-jwt" || body["role"] != "webapp" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		f.logins++
		f.token = fmt.Sprintf("token-%d", f.logins)
		_ = json.NewEncoder(w).Encode(map[string]any{"auth": map[string]any{"client_token": f.token, "lease_duration": 3600}})
	case "/v1/secret/data/webapp/config":
		if f.token == "" || r.Header.Get("X-Vault-Token") != f.token {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"data": f.secret}})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func start(t *testing.T) (*fakeVault, http.Handler) {
	t.Helper()
	vault := &fakeVault{secret: map[string]string{"username": "static-user", "password": "first"}}
	server := httptest.NewServer(vault)
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("a-jwt\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VAULT_ADDR", server.URL)
	t.Setenv("VAULT_AUTH_PATH", "kubernetes")
	t.Setenv("VAULT_ROLE", "webapp")
	t.Setenv("VAULT_SECRET_PATH", "secret/data/webapp/config")
	t.Setenv("TOKEN_PATH", token)
	client, faults := clientFromEnvironment()
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return vault, handler(client)
}

func get(h http.Handler) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	return recorder
}

func TestAChangedSecretShowsAtTheNextRequestWithoutANewLogin(t *testing.T) {
	vault, app := start(t)
	if body := get(app).Body.String(); body != "password: first\nusername: static-user\n" {
		t.Fatalf("got %q", body)
	}
	vault.secret["password"] = "second"
	if body := get(app).Body.String(); !strings.Contains(body, "password: second") {
		t.Fatalf("got %q", body)
	}
	if vault.logins != 1 {
		t.Fatalf("logged in %d times", vault.logins)
	}
}

func TestARevokedTokenIsReplacedByOneLogin(t *testing.T) {
	vault, app := start(t)
	get(app)
	vault.token = ""
	if answer := get(app); answer.Code != http.StatusOK || vault.logins != 2 {
		t.Fatalf("status %d after %d logins", answer.Code, vault.logins)
	}
}

func TestAnUnreachableVaultIsABadGatewayAndNotACrash(t *testing.T) {
	_, _ = start(t)
	t.Setenv("VAULT_ADDR", "http://127.0.0.1:1")
	client, _ := clientFromEnvironment()
	if answer := get(handler(client)); answer.Code != http.StatusBadGateway {
		t.Fatalf("status %d", answer.Code)
	}
}

func TestEveryMissingVariableIsNamedAtOnce(t *testing.T) {
	for _, name := range []string{"VAULT_ADDR", "VAULT_AUTH_PATH", "VAULT_ROLE", "VAULT_SECRET_PATH", "TOKEN_PATH"} {
		t.Setenv(name, "")
	}
	if _, faults := clientFromEnvironment(); len(faults) != 5 {
		t.Fatalf("got %v", faults)
	}
}
