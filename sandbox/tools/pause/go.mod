module vaultstack/sandbox/tools/pause

go 1.24.0
