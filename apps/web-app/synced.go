package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// source is where the values come from.
type source interface {
	read(ctx context.Context) (map[string]any, error)
	describe() string
}

// secretFiles are the files of a mounted Secret, read again on each request: the kubelet replaces them in place.
type secretFiles struct {
	directory string // SECRET_DIRECTORY
}

func (s *secretFiles) describe() string { return "the files in " + s.directory }

func (s *secretFiles) read(context.Context) (map[string]any, error) {
	entries, err := os.ReadDir(s.directory)
	if err != nil {
		return nil, fmt.Errorf("the secret's folder cannot be read: %w", err)
	}
	values := map[string]any{}
	for _, entry := range entries {
		// The kubelet keeps the versions of a Secret in hidden folders and links the files of one of them.
		if strings.HasPrefix(entry.Name(), "..") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(s.directory, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("a file of the secret cannot be read: %w", err)
		}
		values[entry.Name()] = string(content)
	}
	return values, nil
}

// secretVariables are environment variables: they stay as they were when the process started.
type secretVariables struct {
	prefix string // SECRET_VARIABLES
}

func (s *secretVariables) describe() string { return "the variables " + s.prefix + "…" }

func (s *secretVariables) read(context.Context) (map[string]any, error) {
	values := map[string]any{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if key, found := strings.CutPrefix(name, s.prefix); found {
			values[key] = value
		}
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("no variable begins with %s", s.prefix)
	}
	return values, nil
}
