@echo off
rem Builds what is needed and runs the program, from any folder.
setlocal
where dotnet >nul 2>nul
if errorlevel 1 goto nosdk
dotnet --list-sdks | findstr /b "10." >nul
if errorlevel 1 goto nosdk
dotnet build "%~dp0modules\Everything.proj" --nologo -v quiet -p:Configuration=Release
if errorlevel 1 exit /b 1
"%~dp0artifacts\bin\OscLooper.Server\release\OscLooper.Server.exe" %*
exit /b %errorlevel%
:nosdk
echo OscLooper needs the .NET 10 SDK. This line installs it: 1>&2
echo     winget install Microsoft.DotNet.SDK.10 1>&2
exit /b 1
