using System.ComponentModel;
using System.Diagnostics;

namespace OscLooper.Tests.Dsp;

/// <summary>Another program's opinion, where it is installed.</summary>
static class Sox
{
    public static void Run(params string[] arguments)
    {
        try
        {
            using var sox = Process.Start(new ProcessStartInfo("sox", arguments) { RedirectStandardError = true })!;
            var errors = sox.StandardError.ReadToEnd();
            sox.WaitForExit();
            if (errors.Contains("no handler for")) Assert.Ignore("This sox does not know the format (Debian: apt install libsox-fmt-base).");
            Assert.That(sox.ExitCode, Is.Zero, errors);
        }
        catch (Win32Exception)
        {
            Assert.Ignore("sox is not installed; it is only a second opinion (Debian: apt install sox).");
        }
    }
}
