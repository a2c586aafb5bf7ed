# The part of Homebrew that the formula calls: ruby run.rb FORMULA BUILD DIRECTORY. Downloads are files of BUILD.
require 'digest'
require 'fileutils'
require 'pathname'

FORMULA, BUILD, WORK = ARGV
LOCAL = {
  'sysprompt-linux-x64' => 'static/sysprompt-linux-x64', 'sysprompt-linux-arm64' => 'static/sysprompt-linux-arm64',
  'sysprompt-macos-x64' => 'x86_64-macos/sysprompt', 'sysprompt-macos-arm64' => 'aarch64-macos/sysprompt'
}.freeze
HERE = "#{RUBY_PLATFORM.include?('darwin') ? 'macos' : 'linux'}-#{RUBY_PLATFORM =~ /arm64|aarch64/ ? 'arm64' : 'x64'}"

class Directory
  def initialize(path) = FileUtils.mkdir_p(@path = path)
  def /(name) = Pathname.new(@path) / name
  def to_s = @path
  def install(names) = names.each { |from, to| FileUtils.install(from, "#{@path}/#{to}", mode: 0o755) }
end

class Formula
  class << self
    attr_reader :programs, :tested

    def describe(*) = nil
    alias desc describe
    alias homepage describe
    alias license describe
    alias version describe
    %i[on_macos on_linux on_arm on_intel].each { |platform| define_method(platform) { |&block| block.call } }
    def url(address) = (@url = address)

    # Each program's sum is that of the file that was built.
    def sha256(sum)
      name = File.basename(@url)
      path = "#{BUILD}/#{LOCAL.fetch(name)}"
      abort "#{name} has another sum" unless Digest::SHA256.file(path).hexdigest == sum
      (@programs ||= {})[name] = path
    end

    def test(&block) = (@tested = block)
  end

  def bin = @bin ||= Directory.new("#{WORK}/bin")
  def testpath = @testpath ||= Pathname.new(WORK) / 'test'

  def generate_completions_from_executable(program, command)
    %w[bash zsh fish].each { |shell| abort "no completions for #{shell}" if `#{program} #{command} #{shell}`.empty? }
  end

  def shell_output(command)
    output = Dir.chdir(testpath) { `#{command}` }
    abort "#{command} failed" unless $?.success?
    output
  end

  def assert_match(pattern, text)
    abort "#{text} does not match #{pattern}" unless text.include?(pattern)
  end
end

WORK_ABSOLUTE = File.expand_path(WORK)
load File.expand_path(FORMULA)
abort 'the formula has not four programs' unless Sysprompt.programs.size == 4
ENV['HOME'] = WORK_ABSOLUTE
FileUtils.mkdir_p("#{WORK}/download")
FileUtils.cp(Sysprompt.programs.fetch("sysprompt-#{HERE}"), "#{WORK}/download/sysprompt-#{HERE}")
FileUtils.mkdir_p("#{WORK}/test")
formula = Sysprompt.new
Dir.chdir("#{WORK}/download") { formula.install }
formula.instance_exec(&Sysprompt.tested)
