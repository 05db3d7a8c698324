using System.Runtime.Versioning;
using OscLooper.Server.Realm.Isolation;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Server.Realm;

[UnsupportedOSPlatform("windows")]
public class SharedSoundModeTests
{
    [Test]
    public void What_an_imp_in_a_process_of_its_own_shares_is_nobody_else_s()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs files with modes");
        using var folder = new TemporaryFolder();
        using var sound = new SharedSound(folder["shared"], 2, 2);
        Assert.That(File.GetUnixFileMode(folder["shared"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }
}
