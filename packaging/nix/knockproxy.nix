# Untested: written without Nix. A release fills in homepage and npmDepsHash (CONTRIBUTING.md): nix-build prints the right
# hash. nix-build -E 'with import <nixpkgs> { }; callPackage ./packaging/nix/knockproxy.nix { }'
{
  lib,
  buildNpmPackage,
  installShellFiles,
  nodejs,
}:

buildNpmPackage rec {
  pname = "knockproxy";
  version = "1.0.0";
  src = lib.cleanSource ../..;
  npmDepsHash = lib.fakeHash; # RELEASE-HASH
  npmFlags = [ "--ignore-scripts" ];
  nativeBuildInputs = [ installShellFiles ];

  postInstall = ''
    installManPage dist/man/knockproxy.1 dist/man/knock_config.5
    installShellCompletion --cmd knockproxy \
      --bash <($out/bin/knockproxy completion bash) \
      --zsh <($out/bin/knockproxy completion zsh) \
      --fish <($out/bin/knockproxy completion fish)
  '';

  doInstallCheck = true;
  installCheckPhase = ''
    test "$($out/bin/knockproxy --version)" = "${version}"
  '';

  meta = {
    description = "Log in to SSH servers protected by port knocking";
    homepage = "https://RELEASE-HOMEPAGE.invalid";
    license = lib.licenses.mit;
    mainProgram = "knockproxy";
    inherit (nodejs.meta) platforms;
  };
}
