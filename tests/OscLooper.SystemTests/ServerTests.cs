using OscLooper.Client;

namespace OscLooper.SystemTests;

public class ServerTests
{
    const int Interrupt = 2, Terminate = 15;

    [TestCase(Interrupt)]
    [TestCase(Terminate)]
    public void A_signal_ends_it_with_one_line_and_exit_code_0(int signal)
    {
        using var folder = new Folder();
        using var server = new RunningServer(folder.Path);
        Assert.That(server.ReadyLine, Is.EqualTo($"OscLooper ready: OSC 127.0.0.1:{server.Port} (UDP, TCP), audio none 48000/128, 1 module").Or.Match("[0-9]+ modules$"));
        var ended = server.StopWell(signal);
        Assert.That(ended, Is.EqualTo(new Ended(0, "OscLooper has ended, takes are kept\n", "")));
    }

    [Test]
    public void A_port_that_is_taken_is_exit_code_3()
    {
        using var folder = new Folder();
        using var first = new RunningServer(folder.Path);
        var second = Programs.Run(Programs.Server, folder.Path, "--osc-port", $"{first.Port}", "--audio", "none");
        Assert.That(second.ExitCode, Is.EqualTo(3), second.Error);
        Assert.That(second.Error.Trim().Split('\n'), Has.Length.EqualTo(1), second.Error);
        Assert.That(second.Error, Does.Contain($"{first.Port}"));
    }

    [TestCase("--osc-port", "70000")]
    [TestCase("--nonsense")]
    [TestCase("--audio", "loud")]
    [TestCase("--input", "not-there.wav")]
    [TestCase("--sl-port", "9951")]
    [TestCase("--http-port", "9001")]
    [TestCase("render", "--score", "not-there.txt", "--output", "x.wav")]
    [TestCase("render")]
    [TestCase("sevre")]
    [TestCase("nomodule", "verb")]
    public void Wrong_arguments_are_exit_code_2_with_a_line_that_says_why(params string[] arguments)
    {
        using var folder = new Folder();
        var ended = Programs.Run(Programs.Server, folder.Path, arguments);
        Assert.That(ended.ExitCode, Is.EqualTo(2), ended.Error);
        Assert.That(ended.Error, Does.StartWith("osclooper: "));
        Assert.That(ended.Error, Does.Not.Contain("   at "));
    }

    [TestCase("--help", "osclooper reaper build")]
    [TestCase("check", "modules")]
    [TestCase("modules", "looper")]
    [TestCase("addresses", "/looper/channel/N/record")]
    public void What_only_shows_something_shows_it(string command, string expected)
    {
        using var folder = new Folder();
        var ended = Programs.Run(Programs.Server, folder.Path, command);
        Assert.That(ended.ExitCode, Is.EqualTo(0), ended.Error);
        Assert.That(ended.Output, Does.Contain(expected));
    }

    [TestCase("reaper", "build  song: s")]
    [TestCase("looper", "channel/N/add_scene\n")]
    [TestCase("synth", "none: what it understands")]
    [TestCase("render", "Ends with 0")]
    [TestCase("devices", "--audio none")]
    [TestCase("modules", "new-module")]
    [TestCase("addresses", "grep")]
    [TestCase("demo", "demo.png")]
    [TestCase("new-module", "echo")]
    public void Every_verb_and_every_module_has_a_help_that_teaches(string verb, string expected)
    {
        using var folder = new Folder();
        var ended = Programs.Run(Programs.Server, folder.Path, verb, "--help");
        Assert.That((ended.ExitCode, ended.Error), Is.EqualTo((0, "")));
        Assert.That(ended.Output, Does.Contain(expected));
        Assert.That(Programs.Run(Programs.Server, folder.Path, "help", verb).Output, Is.EqualTo(ended.Output));
    }

    [Test]
    public void Udp_and_tcp_speak_to_the_same_server([Values] OscTransport transport)
    {
        using var folder = new Folder();
        using var server = new RunningServer(folder.Path);
        using var client = OscLooperClient.Connect("127.0.0.1", server.Port, transport);
        client.Patience = TimeSpan.FromSeconds(60);
        client.Send("/looper/channel/2/volume", 0.25f);
        client.Sync();
        Assert.That(client.Ask("/looper/channel/2/volume")[0].Number, Is.EqualTo(0.25));
        Assert.That(client.Call("/looper/channel/1/add_scene")[^1].Whole, Is.EqualTo(2));
        var fail = Assert.Throws<OscFailException>(() => client.Call("/no/such"));
        Assert.That(fail!.Reason, Is.EqualTo("no such address"));
    }

    [Test]
    public void A_pipe_takes_addresses_and_the_words_of_the_c_looper_while_writers_come_and_go()
    {
        using var folder = new Folder();
        var pipe = folder.Of("pipe");
        using var server = new RunningServer(folder.Path, "--fifo", pipe);
        using var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
        client.Patience = TimeSpan.FromSeconds(60);
        foreach (var line in (string[])["scene_add\nscene_add 3\n", "scene_next\nscene_next 3\n/looper/channel/2/volume 0.5\n", "nonsense\n"])
            File.AppendAllText(pipe, line);
        Assert.That(() => client.Ask("/looper/channel/1/scene")[0].Whole, Is.EqualTo(2).After(60_000, 20));
        Assert.That(() => client.Ask("/looper/channel/3/scene")[0].Whole, Is.EqualTo(2).After(60_000, 20));
        Assert.That(() => client.Ask("/looper/channel/2/volume")[0].Number, Is.EqualTo(0.5).After(60_000, 20));
        File.AppendAllText(pipe, "exit\n");
        var ended = server.WaitForEnd();
        Assert.That(ended.ExitCode, Is.EqualTo(0));
        Assert.That(ended.Error, Does.Contain("fifo: nonsense"));
    }
}
