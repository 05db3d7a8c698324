using System.Collections.Concurrent;
using OscLooper.Client;
using OscLooper.Dsp;
using OscLooper.Osc;

namespace OscLooper.SystemTests;

/// <summary>What becomes of recordings when the disk is full, when their file is taken away, and when the server dies.</summary>
public class FullDiskTests
{
    const int Terminate = 15;
    static readonly TimeSpan patience = TimeSpan.FromSeconds(60);
    readonly Folder folder = new();
    readonly ConcurrentQueue<OscMessage> pushed = new();

    [TearDown]
    public void GoAway() => folder.Dispose();

    OscLooperClient Connect(RunningServer server)
    {
        var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
        client.Patience = patience;
        client.Heard = message => { if (message.Address == "/fail") pushed.Enqueue(message); };
        return client;
    }

    OscMessage WaitForFail(string address)
    {
        OscMessage? found = null;
        Assert.That(() => (found = pushed.FirstOrDefault(m => m.Arguments[0].Text == address)) is not null, Is.True.After((int)patience.TotalMilliseconds, 20), $"/fail {address} did not come by itself");
        pushed.Clear();
        return found!;
    }

    static OscFailException Fails(OscLooperClient client, string address, params OscValue[] arguments) =>
        Assert.Throws<OscFailException>(() => client.Call(address, arguments))!;

    static double Seconds(string path)
    {
        using var sound = SoundFile.Open(path);
        Assert.That(sound.Info.Warning, Is.Empty, path);
        return sound.Info.Frames / (double)sound.Info.Rate;
    }

    [Test]
    public void A_full_disk_is_told_to_who_records_and_what_fitted_is_a_file()
    {
        using var server = SmallDisk.Start(folder, 6 * 1024, "--folder", folder.Of("disk"), "--vault", "none", "--outputs", "32");
        using var client = Connect(server);
        client.Call("/audio/record", "r.wav");
        var fail = WaitForFail("/audio/record");
        Assert.That(fail.Arguments[1].Text, Is.EqualTo("failed"));
        Assert.That(fail.Arguments[2].Text, Does.Contain("r.wav").And.Contain("No space left").And.Contain("are kept"));
        // 32 lanes of float at 48 kHz.
        Assert.That(Seconds(server.Seen(folder, "r.wav")), Is.InRange(0.9, 1.1));
        Assert.That(Directory.GetFiles(server.Seen(folder)), Has.Length.EqualTo(1), "no half file lies beside it");

        Assert.That(Fails(client, "/audio/record_stop").Reason, Is.EqualTo("failed"), "who stops it is told the truth, too");
        Assert.That(Fails(client, "/audio/record_stop").Reason, Is.EqualTo("refused"), "it is over");

        // Where there is no room at all, not even for a header.
        Assert.That(Fails(client, "/audio/record", "none.wav").Detail, Does.Contain("No space left"));
        File.Delete(server.Seen(folder, "r.wav"));
        pushed.Clear();
        client.Call("/audio/record", "again.wav");
        Thread.Sleep(50);
        var stopped = client.Call("/audio/record_stop");
        Assert.That(Seconds(server.Seen(folder, "again.wav")), Is.EqualTo(stopped[1].Number));
        Assert.That(pushed, Is.Empty);

        var ended = server.Stop(Terminate);
        Assert.That(ended.ExitCode, Is.EqualTo(1));
        Assert.That(ended.Output, Does.Contain("nothing is remembered").And.Contain("lost: r.wav: No space left").And.Not.Contain("takes are kept"));
    }

    [Test]
    public void A_loop_that_does_not_fit_is_told_and_what_was_there_before_stays([Values("wav", "flac")] string ending)
    {
        if (ending == "flac" && !SoundFile.HasLibrary) Assert.Ignore("needs libsndfile");
        using (var file = SoundFile.Create(folder.Of("noise.wav"), SoundFormat.WavFloat, 2, 48000))
        {
            var random = new Random(1);
            file.Write([.. Enumerable.Range(0, 48000 * 8).Select(_ => random.NextSingle() - 0.5f)]);
            file.Commit();
        }
        using var server = SmallDisk.Start(folder, 1024, "--folder", folder.Of("disk"), "--folder", folder.Path, "--vault", "none");
        using var client = Connect(server);
        client.Call("/looper/channel/1/load", folder.Of("noise.wav"));
        File.WriteAllText(server.Seen(folder, $"x.{ending}"), "old");
        var fail = Fails(client, "/looper/channel/1/save", $"x.{ending}");
        Assert.That(fail.Reason, Is.EqualTo("failed"));
        Assert.That(File.ReadAllText(server.Seen(folder, $"x.{ending}")), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(server.Seen(folder)), Has.Length.EqualTo(1), "the rest of a save that failed is gone");
    }

    [Test]
    public void A_save_that_fails_leaves_nothing_behind_and_goes_when_there_is_room_again()
    {
        using var server = SmallDisk.Start(folder, 4096, "--vault", folder.Of("disk/vault"), "--modules", "looper,gain", "--channels", "2");
        using var client = Connect(server);
        client.Send("/looper/channel/1/sync", "none");
        client.Send("/looper/channel/1/record");
        client.Sync();
        Assert.That(() => client.Ask("/looper/channel/1/frames")[0].Whole, Is.GreaterThan(48_000).After(60_000, 20));
        client.Send("/looper/channel/1/play");
        client.Call("/vault/save");
        client.Call("/vault/save");
        client.Call("/vault/save");
        string[] Everything() => [.. Directory.GetFileSystemEntries(server.Seen(folder, "vault"), "*", SearchOption.AllDirectories).Order()];
        var before = Everything();
        FillUp(server.Seen(folder, "full"));
        // A new loop does not fit.
        client.Send("/looper/channel/2/sync", "none");
        client.Send("/looper/channel/2/record");
        client.Sync();
        Assert.That(() => client.Ask("/looper/channel/2/frames")[0].Whole, Is.GreaterThan(48_000).After(60_000, 20));
        client.Send("/looper/channel/2/play");
        client.Sync();
        for (var n = 0; n < 3; n++) Assert.That(Fails(client, "/vault/save").Detail, Does.Contain("No space left"));
        Assert.That(Everything(), Is.SubsetOf(before));
        File.Delete(server.Seen(folder, "full"));
        client.Call("/vault/save");
        Assert.That(server.StopWell(Terminate).ExitCode, Is.Zero, "in the end nothing was lost");
    }

    /// <summary>To the last byte.</summary>
    internal static void FillUp(string path)
    {
        using var full = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        try
        {
            for (var bytes = new byte[4096]; ;) full.Write(bytes);
        }
        catch (IOException) { }
    }

    [Test]
    public void A_recording_whose_file_is_taken_away_is_told_and_the_next_one_goes([Values("deleted", "renamed", "replaced by a folder")] string what)
    {
        using var server = new RunningServer(folder.Path, "--folder", folder.Of("files"), "--vault", "none");
        using var client = Connect(server);
        client.Call("/audio/record", "r.wav");
        var part = folder.Of("files/r.wav.part");
        Assert.That(() => new FileInfo(part) is { Exists: true, Length: > 1000 }, Is.True.After((int)patience.TotalMilliseconds, 20));
        if (what == "deleted") File.Delete(part);
        else File.Move(part, folder.Of("files/elsewhere.wav"));
        if (what.Contains("folder")) Directory.CreateDirectory(part);
        Assert.That(WaitForFail("/audio/record").Arguments[2].Text, Does.Contain("taken away"));
        if (what != "deleted") Assert.That(Seconds(folder.Of("files/elsewhere.wav")), Is.GreaterThan(0), "what was written is whole");
        // Whoever was told need not stop what is over.
        if (what != "deleted") Assert.That(Fails(client, "/audio/record_stop").Detail, Does.Contain("taken away"));
        client.Call("/audio/record", "next.wav");
        client.Call("/audio/record_stop");
        Assert.That(Seconds(folder.Of("files/next.wav")), Is.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void A_name_that_is_a_folder_is_refused_and_one_that_becomes_a_folder_gives_the_file_a_number()
    {
        using var server = new RunningServer(folder.Path, "--folder", folder.Of("files"), "--vault", "none");
        using var client = Connect(server);
        Directory.CreateDirectory(folder.Of("files/d.wav"));
        Assert.That(Fails(client, "/audio/record", "d.wav").Detail, Does.Contain("is a folder"));
        Assert.That(Fails(client, "/audio/record", "no/such/place.wav").Detail, Does.Contain("no such folder"));
        Assert.That(Fails(client, "/audio/record_stop").Reason, Is.EqualTo("refused"));
        client.Call("/audio/record", "r.wav");
        Directory.CreateDirectory(folder.Of("files/r.wav/inside"));
        Assert.That(Fails(client, "/audio/record_stop").Detail, Does.Contain("r-2.wav"));
        Assert.That(Seconds(folder.Of("files/r-2.wav")), Is.GreaterThanOrEqualTo(0));
        client.Call("/audio/record", "s.wav");
        client.Call("/audio/record_stop");
        Assert.That(server.Stop(Terminate).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void A_stop_right_after_the_beginning_is_answered_with_a_file()
    {
        using var server = new RunningServer(folder.Path, "--folder", folder.Of("files"), "--vault", "none");
        using var client = Connect(server);
        for (var n = 0; n < 20; n++)
        {
            client.Send("/audio/record", "r.wav");
            var stopped = client.Call("/audio/record_stop");
            Assert.That(Seconds(folder.Of("files/r.wav")), Is.EqualTo(stopped[1].Number));
        }
        Assert.That(pushed, Is.Empty);
    }

    [Test]
    public void A_recording_under_way_is_finished_at_the_end_and_found_again_after_kill_9()
    {
        string[] options = ["--folder", folder.Of("files"), "--vault", "none"];
        using (var server = new RunningServer(folder.Path, options))
        {
            using var client = Connect(server);
            client.Call("/audio/record", "quit.wav");
            Assert.That(() => new FileInfo(folder.Of("files/quit.wav.part")) is { Exists: true, Length: > 1000 }, Is.True.After((int)patience.TotalMilliseconds, 20));
            Assert.That(server.StopWell(Terminate).ExitCode, Is.Zero);
        }
        Assert.That(Seconds(folder.Of("files/quit.wav")), Is.GreaterThan(0));

        File.WriteAllText(folder.Of("files/killed.wav"), "an older one");
        using (var server = new RunningServer(folder.Path, options))
        {
            using var client = Connect(server);
            client.Call("/audio/record", "killed.wav");
            Assert.That(() => new FileInfo(folder.Of("files/killed.wav.part")) is { Exists: true, Length: > 200_000 }, Is.True.After((int)patience.TotalMilliseconds, 20));
            server.Kill();
        }
        using (var left = SoundFile.Open(folder.Of("files/killed.wav.part"))) Assert.That(left.Info.Frames, Is.GreaterThan(20_000), "what was written can be read at once");
        File.WriteAllText(folder.Of("files/strange.part"), "nothing of ours");
        using (var server = new RunningServer(folder.Path, options))
        {
            Assert.That(server.ErrorThatHolds("is kept", patience), Does.Contain("killed-2.wav"));
            Assert.That(File.Exists(folder.Of("files/killed-2.wav")));
            Assert.That(server.StopWell(Terminate).ExitCode, Is.Zero);
        }
        Assert.That(Seconds(folder.Of("files/killed-2.wav")), Is.GreaterThan(0.4));
        Assert.That(File.ReadAllText(folder.Of("files/killed.wav")), Is.EqualTo("an older one"));
        Assert.That(File.Exists(folder.Of("files/killed.wav.part")), Is.False);
        Assert.That(File.Exists(folder.Of("files/strange.part")));
    }

    [Test]
    public void A_render_that_does_not_fit_keeps_what_was_rendered()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/dev/full")) Assert.Ignore("needs mount namespaces (Linux): the full disk was not tried");
        File.WriteAllText(folder.Of("score.txt"), "0 /synth/note 60 100\n");
        using var server = SmallDisk.Start(folder, 1024, "--vault", "none");
        // Into the namespace of a server that lives, by the same path.
        var ended = Programs.Run("nsenter", folder.Path, "-m", "-t", $"{server.ProcessId}", Programs.Server, "render", "--score", folder.Of("score.txt"), "--output", folder.Of("disk/out.wav"), "--seconds", "30");
        Assert.That(ended.ExitCode, Is.EqualTo(1), ended.Error);
        Assert.That(ended.Error, Does.Contain("No space left").And.Contain("are kept in"));
        Assert.That(Seconds(server.Seen(folder, "out.wav")), Is.InRange(2, 3));
    }
}
