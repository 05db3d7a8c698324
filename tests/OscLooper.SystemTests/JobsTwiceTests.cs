using System.Text.Json;
using OscLooper.Client;
using OscLooper.Osc;

namespace OscLooper.SystemTests;

/// <summary>Every job of the server, by two clients at once, in a real process with all modules and the native libraries that are there.</summary>
public class JobsTwiceTests
{
    [Test]
    public void Every_job_fired_twice_at_once_is_answered_and_the_server_lives()
    {
        using var folder = new Folder();
        Directory.CreateDirectory(folder.Of("files"));
        using var server = new RunningServer(folder.Path, "--vault", folder.Of("vault"), "--folder", folder.Of("files"), "--modules", "all,gain");
        using var one = Connect(server);
        using var two = Connect(server);
        var jobs = Jobs();
        TestContext.Out.WriteLine($"{jobs.Count} jobs");
        Assert.That(jobs, Has.Count.GreaterThan(45));
        // The lists of devices first and many times: they load, open and close what is beneath.
        Twice(one, two, [.. Enumerable.Repeat(new OscMessage("/audio/devices"), 10)]);
        foreach (var job in jobs) Twice(one, two, [job]);
        var ended = server.StopWell(15);
        Assert.That(ended.ExitCode, Is.Zero, ended.Error);
    }

    static OscLooperClient Connect(RunningServer server)
    {
        var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
        client.Patience = TimeSpan.FromSeconds(60);
        return client;
    }

    static void Twice(OscLooperClient one, OscLooperClient two, OscMessage[] messages)
    {
        using var start = new Barrier(2);
        var all = new[] { one, two }.Select(client => Task.Factory.StartNew(() =>
        {
            var answers = 0;
            start.SignalAndWait();
            client.Exchange(messages, m =>
            {
                if (IsAnswer(m, messages[0].Address)) Interlocked.Increment(ref answers);
            });
            return answers;
        }, TaskCreationOptions.LongRunning)).ToArray();
        foreach (var each in all) Assert.That(each.GetAwaiter().GetResult(), Is.GreaterThanOrEqualTo(messages.Length), $"answers to {string.Join(' ', messages[0])}");
    }

    static bool IsAnswer(OscMessage m, string address) =>
        m.Address is "/done" or "/fail" ? m.Arguments.Length > 0 && m.Arguments[0].Text == address
        : m.Address == address + ".reply" || (m.Address, address) is ("/server/pong", "/server/ping") or ("/server/synced", "/server/sync");

    // As they stand in the book; the end of the server comes last and is no part of this.
    static List<OscMessage> Jobs()
    {
        var file = Path.Combine(OscLooper.Tests.Checkout.Root, "protocol", "addresses.json");
        using var book = JsonDocument.Parse(File.ReadAllText(file));
        var list = book.RootElement.ValueKind == JsonValueKind.Array ? book.RootElement : book.RootElement.EnumerateObject().First(p => p.Value.ValueKind == JsonValueKind.Array).Value;
        var jobs = new List<OscMessage>();
        foreach (var leaf in list.EnumerateArray())
        {
            if (leaf.GetProperty("kind").GetString() != "job" || leaf.GetProperty("address").GetString() is not { } address || address == "/server/quit") continue;
            var arguments = leaf.TryGetProperty("arguments", out var given) ? given.EnumerateArray().Where(a => !(a.TryGetProperty("optional", out var o) && o.GetBoolean())) : [];
            jobs.Add(new OscMessage(address.Replace("NAME", "synth").Replace("/N/", "/1/"), [.. arguments.Select(Value)]));
        }
        return jobs;
    }

    static OscValue Value(JsonElement argument)
    {
        var name = argument.TryGetProperty("name", out var n) ? n.GetString() : "";
        return (argument.GetProperty("type").GetString(), name) switch
        {
            ("i", _) => 10,
            ("h", _) => 10L,
            ("f" or "d", _) => 1f,
            (_, "pattern") => "/server/frame",
            (_, "module") => "gain",
            (_, "address") => "/looper/channel/1/volume",
            (_, "json") => "{}",
            (_, "path" or "wav") => "x.wav",
            _ => "x",
        };
    }
}
