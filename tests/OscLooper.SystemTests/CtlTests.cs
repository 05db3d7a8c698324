namespace OscLooper.SystemTests;

public class CtlTests
{
    readonly Folder folder = new();

    [TearDown]
    public void GoAway() => folder.Dispose();

    [Test]
    public void It_says_asks_and_tells_what_failed()
    {
        using var server = new RunningServer(folder.Path);
        Assert.That(server.Ctl("/looper/channel/1/volume", "0.5"), Is.EqualTo(new Ended(0, "", "")));
        Assert.That(server.Ctl("/looper/channel/1/volume"), Is.EqualTo(new Ended(0, "/looper/channel/1/volume 0.5\n", "")));
        Assert.That(server.Ctl("/server/ping", "1", "a b", "true", "2.5"), Is.EqualTo(new Ended(0, "/server/pong 1 \"a b\" true 2.5\n", "")));
        var failed = server.Ctl("/nope", "1");
        Assert.That(failed.ExitCode, Is.EqualTo(1));
        Assert.That(failed.Error, Does.StartWith("/fail /nope \"no such address\""));
    }

    [Test]
    public void It_takes_lines_and_names_the_bad_one()
    {
        using var server = new RunningServer(folder.Path);
        var ended = Programs.Run(Programs.Ctl, folder.Path, "/server/ping 1\n# nothing\nbad\n/looper/channel/1/pan -1.0\n/looper/channel/1/pan\n", ["--port", $"{server.Port}", "--timeout", "60000", "-"]);
        Assert.That(ended.ExitCode, Is.EqualTo(1));
        Assert.That(ended.Output, Is.EqualTo("/server/pong 1\n/looper/channel/1/pan -1.0\n"));
        Assert.That(ended.Error, Does.Contain("line 3"));
    }

    [Test]
    public void Numbers_go_out_as_they_were_typed_and_rounded_to_32_bits_where_that_is_asked_for()
    {
        using var server = new RunningServer(folder.Path, "--vault", "none");
        var score = folder.Of("score.txt");
        File.WriteAllText(score, "0 /transport/tempo 97.3\n");
        string Tempo() => server.Ctl("/transport/tempo").Output;
        foreach (var typed in (Func<string[], Ended>[])
        [
            more => server.Ctl([.. more, "/transport/tempo", "97.3"]),
            more => Programs.Run(Programs.Ctl, folder.Path, "/transport/tempo 97.3\n", ["--port", $"{server.Port}", "--timeout", "60000", .. more, "-"]),
            more => server.Ctl([.. more, "--replay", score]),
        ])
        {
            Assert.That(server.Ctl("/transport/tempo", "120"), Is.EqualTo(new Ended(0, "", "")));
            Assert.That(typed([]), Is.EqualTo(new Ended(0, "", "")));
            Assert.That(Tempo, Is.EqualTo("/transport/tempo 97.3\n").After(60_000, 50));
            Assert.That(typed(["--float"]), Is.EqualTo(new Ended(0, "", "")));
            Assert.That(Tempo, Does.StartWith("/transport/tempo 97.30000").After(60_000, 50), "what is nearest to it in 32 bits");
        }
    }

    [Test]
    public void Without_a_server_it_is_exit_code_3() =>
        Assert.That(Programs.Run(Programs.Ctl, folder.Path, "--port", $"{Programs.FreePort()}", "/server/ping").ExitCode, Is.EqualTo(3));

    [TestCase("--port", "x", "/a")]
    [TestCase("a")]
    [TestCase("--nix")]
    [TestCase]
    public void Wrong_arguments_are_exit_code_2(params string[] arguments) =>
        Assert.That(Programs.Run(Programs.Ctl, folder.Path, arguments).ExitCode, Is.EqualTo(2));

    [Test]
    public void What_it_records_it_replays()
    {
        using var server = new RunningServer(folder.Path);
        var score = folder.Of("moves.txt");
        using var recorder = Programs.Start(Programs.Ctl, folder.Path, "--port", $"{server.Port}", "--watch", "/looper/channel/1/volume", "--record", score);
        Assert.That(() => File.Exists(score) && File.ReadAllText(score).Contains("volume"), Is.True.After(60_000, 20));
        server.Ctl("/looper/channel/1/volume", "0.125");
        Assert.That(() => File.ReadAllText(score), Does.Contain("/looper/channel/1/volume 0.125").After(60_000, 20));
        Programs.kill(recorder.Id, 15);
        Assert.That(Programs.End(recorder, 120_000).ExitCode, Is.EqualTo(0));

        server.Ctl("/looper/channel/1/volume", "1.0");
        var replayed = server.Ctl("--replay", score);
        Assert.That(replayed, Is.EqualTo(new Ended(0, "", "")), "nothing was asked, so nothing is answered");
        Assert.That(server.Ctl("/looper/channel/1/volume").Output, Is.EqualTo("/looper/channel/1/volume 0.125\n"));
    }
}
