# Installs chat for the user who runs it, or removes it.
#
#   install.ps1 [-Version vX.Y.Z] [-Uninstall]
#
# It downloads the release for this system, refuses it unless its SHA-256 is the published one, and puts the program into
# %LOCALAPPDATA%\Programs\chat, or into the folder that CHAT_INSTALL names. CHAT_RELEASES is the address of the releases,
# where it is not the project's own.
param([string]$Version = '', [switch]$Uninstall)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Install-Chat {
  # The address of the project's releases, which scripts/build.ts writes here.
  $releases = if ($env:CHAT_RELEASES) { $env:CHAT_RELEASES } else { '@RELEASES@' }
  $folder = if ($env:CHAT_INSTALL) { $env:CHAT_INSTALL } else { Join-Path $env:LOCALAPPDATA 'Programs\chat' }
  $program = Join-Path $folder 'chat.exe'
  $old = "$program.old"
  $completions = Join-Path $folder 'chat.completions.ps1'

  if ($Uninstall) {
    if (-not (Test-Path $program)) { throw "there is no chat in $folder" }
    Remove-Item -Force $program
    foreach ($file in $old, $completions) { if (Test-Path $file) { Remove-Item -Force $file } }
    if (-not (Get-ChildItem -Force $folder)) { Remove-Item $folder }
    Write-Output "removed chat from $folder"
    return
  }

  if ($releases -eq '' -or $releases.StartsWith('@')) {
    throw 'the project has no address for downloads yet: set CHAT_RELEASES to one'
  }
  if ($Version -match '^[0-9]') { $Version = "v$Version" }
  if ($Version -ne '' -and $Version -notmatch '^v[0-9]') { throw "cannot take -Version ${Version}: write one like v1.2.3" }
  # A shell that is translated is told of the processor that it is translated to by the other variable.
  $machine = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 } else { $env:PROCESSOR_ARCHITECTURE }
  $target = switch ($machine) {
    'AMD64' { 'x86_64-pc-windows-msvc' }
    'ARM64' { 'aarch64-pc-windows-msvc' }
    default { throw "there is no build for the processor ${machine}: run chat from source with Deno" }
  }
  $from = if ($Version) { "$releases/download/$Version" } else { "$releases/latest/download" }
  $work = Join-Path ([IO.Path]::GetTempPath()) ("chat-install-" + [IO.Path]::GetRandomFileName())
  New-Item -ItemType Directory $work | Out-Null
  try {
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    $sums = Join-Path $work 'SHA256SUMS'
    Invoke-WebRequest -UseBasicParsing "$from/SHA256SUMS" -OutFile $sums
    $line = Select-String -Path $sums -Pattern "^([0-9a-f]{64})  (chat-[0-9][^ /\\]*-$target\.zip)`$" | Select-Object -First 1
    if (-not $line) { throw "the release has no build for $target" }
    $expected = $line.Matches[0].Groups[1].Value
    $name = $line.Matches[0].Groups[2].Value
    $archive = Join-Path $work $name
    Invoke-WebRequest -UseBasicParsing "$from/$name" -OutFile $archive
    if ((Get-FileHash -Algorithm SHA256 $archive).Hash.ToLowerInvariant() -ne $expected) {
      throw "the SHA-256 of $name is not the published one: nothing was installed"
    }
    Expand-Archive $archive $work
    $unpacked = Join-Path $work ($name -replace '\.zip$', '')
    $told = & (Join-Path $unpacked 'chat.exe') --version
    if ($LASTEXITCODE -ne 0) { throw 'the program does not run on this system: nothing was installed' }
    New-Item -ItemType Directory -Force $folder | Out-Null
    $new = "$program.new"
    Copy-Item -Force (Join-Path $unpacked 'chat.exe') $new
    if (Test-Path $program) {
      # A program that runs can be renamed and not overwritten.
      if (Test-Path $old) { Remove-Item -Force $old }
      [IO.File]::Replace($new, $program, $old)
      Remove-Item -Force $old -ErrorAction SilentlyContinue
    } else {
      Move-Item $new $program
    }
    Copy-Item -Force (Join-Path $unpacked 'completions\chat.ps1') $completions
    Write-Output "installed $told in $folder"
    Write-Output "completions: add this line to `$PROFILE: . '$completions'"
    if (($env:PATH -split ';') -notcontains $folder) {
      Write-Output "$folder is not in PATH yet. Add it:"
      Write-Output "  [Environment]::SetEnvironmentVariable('Path', [Environment]::GetEnvironmentVariable('Path', 'User') + ';$folder', 'User')"
    }
  } finally {
    Remove-Item -Recurse -Force $work
  }
}

try { Install-Chat } catch {
  [Console]::Error.WriteLine("install: $_")
  # Typed into a shell, as in `irm ... | iex`, an exit would close it.
  if ($PSCommandPath) { exit 1 }
}
