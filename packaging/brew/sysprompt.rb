# A formula for a tap; `packaging/release` prints the checksum of the archive, which goes with the address of the release here.
class Sysprompt < Formula
  desc "Predicts the exact prompt a coding agent starts with"
  homepage "https://github.com/OWNER/sysprompt"
  url "https://github.com/OWNER/sysprompt/releases/download/v0.1.0/sysprompt-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "pkgconf" => :build
  depends_on "libyaml"
  depends_on "pcre2"
  depends_on "utf8proc"

  def install
    system "make", "build/sysprompt", "CC=#{ENV.cc}"
    bin.install "build/sysprompt"
    generate_completions_from_executable(bin/"sysprompt", "completion")
  end

  test do
    (testpath/"CLAUDE.md").write "Use tabs.\n"
    assert_match "CLAUDE.md", shell_output("#{bin}/sysprompt explain")
  end
end
