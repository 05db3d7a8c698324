using System.Runtime.InteropServices;
using OscLooper.Dsp;
using OscLooper.Gain;
using OscLooper.Server;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Server.Audio;

/// <summary>A recording whose last bytes, those that say how long it is, the disk refuses.</summary>
public partial class RecordingEndTests
{
    [Test]
    public void A_disk_that_refuses_the_header_at_the_end_is_told_and_the_sound_can_be_read()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("needs /proc and /dev/full (Linux)");
        using var folder = new TemporaryFolder();
        using var rig = new Rig(new ServerOptions { Folders = [folder[""]] }, ("gain", at => new GainModule(at)));
        Assert.That(rig.Call("/audio/record", "r.wav")[^1].Address, Is.EqualTo("/done"));
        rig.Render([.. Enumerable.Repeat(0.25f, 4800)]);
        BeFull(folder["r.wav.part"]);
        Assert.That(rig.Call("/audio/record_stop")[^1].ToString(), Does.StartWith("/fail /audio/record_stop failed").And.Contain("No space left").And.Contain("0.10 s are kept in"));
        Assert.That(File.Exists(folder["r.wav.part"]), Is.False, "it lies under its own name");
        using (var kept = SoundFile.ReadAll(folder["r.wav"]))
        {
            Assert.That(kept.Frames, Is.EqualTo(4800));
            Assert.That(kept.Lane(0).ToArray(), Is.All.EqualTo(0.25f));
        }
        Assert.That(rig.Call("/audio/record_stop")[^1].ToString(), Does.Contain("refused"), "it is over");
        Assert.That(rig.Call("/audio/record", "again.wav")[^1].Address, Is.EqualTo("/done"), "and the next one goes");
        rig.Render(480);
        Assert.That(rig.Call("/audio/record_stop")[^1].ToString(), Does.StartWith("/done /audio/record_stop"));
    }

    // Whatever is written from now on through the descriptor of this file meets a device that is full.
    static void BeFull(string file)
    {
        var descriptor = Directory.GetFiles("/proc/self/fd").Single(f => File.ResolveLinkTarget(f, false)?.FullName == file);
        var full = open("/dev/full", 1);
        Assert.That(dup2(full, int.Parse(Path.GetFileName(descriptor), System.Globalization.CultureInfo.InvariantCulture)), Is.GreaterThanOrEqualTo(0));
        _ = close(full);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int open(string path, int flags);
    [LibraryImport("libc")] private static partial int dup2(int from, int to);
    [LibraryImport("libc")] private static partial int close(int descriptor);
}
