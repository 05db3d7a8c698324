using System.Diagnostics;

namespace OscLooper.SystemTests;

/// <summary>From nothing to a module that is tested and found.</summary>
public class NewModuleTests
{
    [Test]
    public void A_new_module_compiles_and_its_own_test_passes()
    {
        using var folder = new Folder();
        var written = Programs.Run(Programs.Server, folder.Path, "new-module", "my_echo");
        Assert.That(written.ExitCode, Is.Zero, written.Error);
        Assert.That(Programs.Run(Programs.Server, folder.Path, "new-module", "my_echo").ExitCode, Is.EqualTo(1), "it never writes over anything");
        Assert.That(Programs.Run(Programs.Server, folder.Path, "new-module", "My/Echo").ExitCode, Is.EqualTo(2));

        var dotnet = Path.Combine(Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "", "dotnet");
        if (!File.Exists(dotnet)) dotnet = Process.GetCurrentProcess().MainModule!.FileName;
        if (Path.GetFileNameWithoutExtension(dotnet) != "dotnet") Assert.Ignore("the SDK is not to be found from here");
        var clock = Stopwatch.StartNew();
        var tested = Programs.Run(dotnet, folder.Path, "test", "my_echo/tests", "--nologo", $"-p:OscLooperModules={folder.Of("modules")}/");
        TestContext.Out.WriteLine($"built and tested in {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.That(tested.ExitCode, Is.Zero, tested.Output + tested.Error);
        Assert.That(tested.Output, Does.Contain("Passed:     4"));
        Assert.That(File.Exists(folder.Of("modules/MyEcho.dll")), Is.True);
    }
}
