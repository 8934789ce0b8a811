# Untested: written without a macOS. `ruby -c` passes. A release fills in url, sha256 and homepage (CONTRIBUTING.md).
class Knockproxy < Formula
  desc "Log in to SSH servers protected by port knocking"
  homepage "https://RELEASE-HOMEPAGE.invalid"
  url "https://registry.npmjs.org/knockproxy/-/knockproxy-1.0.0.tgz"
  sha256 "RELEASE-SHA256"
  license "MIT"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec/"bin/knockproxy"
    man1.install_symlink libexec/"lib/node_modules/knockproxy/dist/man/knockproxy.1"
    man5.install_symlink libexec/"lib/node_modules/knockproxy/dist/man/knock_config.5"
    generate_completions_from_executable(bin/"knockproxy", "completion")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/knockproxy --version")
    assert_match "port 7000", shell_output("#{bin}/knockproxy knock --dry-run 127.0.0.1 7000 8000:udp")
  end
end
