// Command web-app shows a secret from Vault the way a workload would consume it: read again on each request with its
// pod's own identity, or delivered by an operator, as files or as environment variables. It holds no credential of its
// own.
//
// It is a demonstration: a real application uses the values and never shows them.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	from, faults := sourceFromEnvironment()
	if len(faults) > 0 {
		log.Fatalf("web-app: %s", strings.Join(faults, "; "))
	}
	server := &http.Server{Addr: ":8080", Handler: handler(from), ReadHeaderTimeout: 5 * time.Second}

	stop, done := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer done()
	go func() {
		<-stop.Done()
		// The pod's grace period is longer than this, so requests in progress are answered.
		deadline, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(deadline)
	}()
	log.Printf("web-app: serving %s on %s", from.describe(), server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatalf("web-app: %v", err)
	}
}

// handler serves the secret at / as text, or as JSON to clients that ask for it, and the process's own health at
// /healthz.
func handler(from source) http.Handler {
	mux := http.NewServeMux()
	// Says nothing about Vault: a sealed Vault must not restart its clients.
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
		defer cancel()
		values, err := from.read(ctx)
		if err != nil {
			log.Printf("web-app: %v", err)
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		if strings.Contains(r.Header.Get("Accept"), "application/json") {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(values)
			return
		}
		keys := make([]string, 0, len(values))
		for key := range values {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			fmt.Fprintf(w, "%s: %v\n", key, values[key])
		}
	})
	return mux
}

// sourceFromEnvironment uses a delivered secret if there is one, and Vault otherwise.
func sourceFromEnvironment() (source, []string) {
	if directory := os.Getenv("SECRET_DIRECTORY"); directory != "" {
		return &secretFiles{directory}, nil
	}
	if prefix := os.Getenv("SECRET_VARIABLES"); prefix != "" {
		return &secretVariables{prefix}, nil
	}
	return clientFromEnvironment()
}

// clientFromEnvironment names every missing or unusable variable at once.
func clientFromEnvironment() (*vaultClient, []string) {
	var faults []string
	required := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			faults = append(faults, name+": must be set, got nothing; set it in the pod's environment")
		}
		return value
	}
	client := &vaultClient{
		address:    required("VAULT_ADDR"),
		authPath:   required("VAULT_AUTH_PATH"),
		role:       required("VAULT_ROLE"),
		secretPath: required("VAULT_SECRET_PATH"),
		tokenPath:  required("TOKEN_PATH"),
		http:       &http.Client{Timeout: 10 * time.Second},
	}
	if path := os.Getenv("VAULT_CACERT"); path != "" {
		pem, err := os.ReadFile(path)
		roots := x509.NewCertPool()
		if err != nil || !roots.AppendCertsFromPEM(pem) {
			faults = append(faults, fmt.Sprintf("VAULT_CACERT: must be a readable PEM file, got %q; mount the CA of Vault there", path))
		}
		client.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	}
	return client, faults
}
