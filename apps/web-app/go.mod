module vaultstack/apps/web-app

go 1.24.0
