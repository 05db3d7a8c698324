using System.Diagnostics;
using OscLooper.Reaper.Render;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Tests.Reaper.Render;

public class ProjectRenderTests
{
    readonly string folder = Directory.CreateTempSubdirectory("osclooper-").FullName;

    [TearDown]
    public void Clean() => Directory.Delete(folder, true);

    [Test]
    public void REAPER_is_asked_to_render_a_copy_into_the_named_file()
    {
        var before = Project();
        Render("""
            [ "$1 $2 $3" = "-nosplash -noactivate -renderproject" ] || exit 9
            out=$(grep RENDER_FILE "$4" | sed 's/.*RENDER_FILE "\(.*\)".*/\1/')
            grep -q 'RENDER_PATTERN ""' "$4" || exit 8
            printf sound > "$out"
            """, TimeSpan.FromSeconds(20));
        Assert.That(File.ReadAllText(Path.Combine(folder, "mix.wav")), Is.EqualTo("sound"));
        Assert.That(File.ReadAllBytes(Path.Combine(folder, "song.rpp")), Is.EqualTo(before), "the project itself is not touched");
        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "song.rpp", "mix.wav", "reaper" }));
    }

    [Test]
    public void A_failing_render_tells_its_code_and_what_was_said()
    {
        Project();
        var error = Assert.Throws<RppError>(() => Render("echo no licence >&2\nexit 3\n", TimeSpan.FromSeconds(20)));
        Assert.That(error!.Message, Does.Contain("ended with 3").And.Contain("no licence"));
    }

    [Test]
    public void A_render_that_writes_nothing_is_an_error()
    {
        Project();
        Assert.That(Assert.Throws<RppError>(() => Render("exit 0\n", TimeSpan.FromSeconds(20)))!.Message, Does.Contain("without writing"));
    }

    [Test]
    public void A_render_that_never_ends_is_stopped_and_leaves_nothing()
    {
        Project();
        var clock = Stopwatch.StartNew();
        Assert.That(Assert.Throws<RppError>(() => Render("echo $$ > \"$(dirname \"$0\")/pid\"\nexec sleep 60\n", TimeSpan.FromSeconds(1)))!.Message, Does.Contain("within 1 s"));
        Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(55), "it was stopped, not waited for");
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(folder, "pid")))), "it is gone");
        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "song.rpp", "reaper", "pid" }));
    }

    [Test]
    public void REAPER_is_looked_for_in_the_usual_places_of_three_systems()
    {
        Assert.That(ReaperProgram.Places(PlatformID.Win32NT, "h"), Has.Some.EqualTo(@"C:\Program Files\REAPER (x64)\reaper.exe"));
        Assert.That(ReaperProgram.Places(PlatformID.MacOSX, "h"), Has.Some.EqualTo("/Applications/REAPER.app/Contents/MacOS/REAPER"));
        Assert.That(ReaperProgram.Places(PlatformID.Unix, "h"), Has.Some.EqualTo("/opt/REAPER/reaper"));
    }

    [Test]
    public void A_missing_REAPER_is_told_with_the_places_and_the_way_out() =>
        Assert.That(Assert.Throws<RppError>(() => ReaperProgram.Find(null, _ => false))!.Message, Does.Contain("REAPER was not found").And.Contain(ReaperProgram.Variable));

    [Test]
    public void A_named_REAPER_that_is_not_there_is_told_by_its_name() =>
        Assert.That(Assert.Throws<RppError>(() => ReaperProgram.Find("/nowhere/reaper", _ => false))!.Message, Does.Contain("/nowhere/reaper"));

    [Test]
    public void A_flac_sink_becomes_a_wav_sink_for_a_wav_and_a_wav_sink_stays()
    {
        var flac = RppBlock.Of("REAPER_PROJECT");
        flac.Add(RppBlock.Of("RENDER_CFG")).Add("Y2FsZhgAAAAFAAAA");
        ProjectRender.Aim(flac, "/x/a.wav");
        Assert.That(flac.Block("RENDER_CFG")!.Children.OfType<RppLine>().Single().Text, Is.EqualTo("ZXZhdxgAAQ=="));
        var wav = RppBlock.Of("REAPER_PROJECT");
        wav.Add(RppBlock.Of("RENDER_CFG")).Add("ZXZhdxAAAA==");
        ProjectRender.Aim(wav, "/x/a.wav");
        Assert.That(wav.Block("RENDER_CFG")!.Children.OfType<RppLine>().Single().Text, Is.EqualTo("ZXZhdxAAAA=="));
    }

    byte[] Project()
    {
        var bytes = Golden.Build().Document.ToBytes();
        File.WriteAllBytes(Path.Combine(folder, "song.rpp"), bytes);
        return bytes;
    }

    /// <summary>Runs a shell script in REAPER's place.</summary>
    void Render(string script, TimeSpan timeout)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("the stand-in for REAPER is a shell script");
            return;
        }
        var program = Path.Combine(folder, "reaper");
        File.WriteAllText(program, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ProjectRender.Run(Path.Combine(folder, "song.rpp"), Path.Combine(folder, "mix.wav"), program, timeout);
    }
}
