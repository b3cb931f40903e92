package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func page(t *testing.T, from source) (int, string) {
	t.Helper()
	answer := httptest.NewRecorder()
	handler(from).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	return answer.Code, answer.Body.String()
}

func TestFilesAreReadAnewAndTheKubeletsOwnAreLeftOut(t *testing.T) {
	directory := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(directory, "..2026_01_01"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("username", "first")
	if code, body := page(t, &secretFiles{directory}); code != http.StatusOK || body != "username: first\n" {
		t.Fatalf("got %d %q", code, body)
	}
	write("username", "second")
	if _, body := page(t, &secretFiles{directory}); body != "username: second\n" {
		t.Fatalf("got %q", body)
	}
}

func TestAMissingFolderIsAnErrorOfTheRequest(t *testing.T) {
	if code, _ := page(t, &secretFiles{filepath.Join(t.TempDir(), "gone")}); code != http.StatusBadGateway {
		t.Fatalf("got %d", code)
	}
}

func TestVariablesAreThoseWithThePrefix(t *testing.T) {
	t.Setenv("DB_username", "u")
	t.Setenv("OTHER", "x")
	if _, body := page(t, &secretVariables{"DB_"}); body != "username: u\n" {
		t.Fatalf("got %q", body)
	}
	if code, _ := page(t, &secretVariables{"NONE_"}); code != http.StatusBadGateway {
		t.Fatalf("got %d", code)
	}
}

func TestASecretThatIsDeliveredNeedsNothingOfVault(t *testing.T) {
	t.Setenv("SECRET_DIRECTORY", "/etc/secrets")
	from, faults := sourceFromEnvironment()
	if _, isFiles := from.(*secretFiles); !isFiles || len(faults) > 0 {
		t.Fatalf("got %T, %v", from, faults)
	}
}
