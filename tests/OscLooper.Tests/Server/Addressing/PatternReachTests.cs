using System.Text;
using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Describe;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Addressing;

/// <summary>What a pattern reaches (addresses.md section 1): in the last part values only, in earlier parts all but what destroys or ends.</summary>
public sealed class PatternReachTests : IDisposable
{
    const int PatternsOfEach = 6;
    readonly Random random = new(20261130);
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("osclooper-patterns-");

    Rig Everything() => new(new() { Channels = 2, MemoryMib = 64, Folders = [folder.FullName] },
        ("looper", at => new OscLooper.Looper.LooperModule(at)), ("reaper", at => new OscLooper.Reaper.ReaperModule(at)),
        ("bard", at => new OscLooper.Bard.BardModule(at)), ("controller", at => new OscLooper.Enchanter.ControllerModule(at)),
        ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at)), ("synth", at => new OscLooper.Synth.SynthModule(at)));

    public void Dispose() => folder.Delete(recursive: true);

    [Test]
    public void No_command_and_no_job_ever_acts_through_a_pattern_in_the_last_part()
    {
        using var rig = Everything();
        var actions = rig.Server.Space.Leaves.Where(l => !l.Declaration.IsState).Select(l => l.Address).ToArray();
        var states = rig.Server.Space.Leaves.Where(l => l.Declaration.IsState).Select(l => Encoding.ASCII.GetBytes(l.Address)).ToArray();
        Assert.That(actions, Has.Length.GreaterThan(100));
        rig.Render(256);
        var before = Values(rig);
        var (refused, tried) = (0, 0);
        foreach (var action in actions)
            for (var i = 0; i < PatternsOfEach; i++)
            {
                var pattern = OpenLastPart(action);
                Assert.That(OscPattern.Matches(Encoding.ASCII.GetBytes(pattern), Encoding.ASCII.GetBytes(action)), $"{pattern} is meant to match {action}");
                var client = rig.Server.Connect("stranger");
                client.Send(new OscMessage(pattern));
                rig.Server.Settle();
                rig.Render(1);
                var answers = client.Replies.Select(r => r.Message).ToArray();
                Assert.That(answers.Where(a => a.Address is "/done" || ServerMessages.Contains(Encoding.UTF8.GetBytes(a.Address)) && a.Address != "/fail"), Is.Empty, pattern);
                if (!states.Any(s => OscPattern.Matches(Encoding.ASCII.GetBytes(pattern), s)))
                {
                    refused++;
                    Assert.That(answers, Has.Length.EqualTo(1), pattern);
                    Assert.That(answers[0].ToString(), Does.StartWith("/fail").And.Contain("name the action: /"), pattern);
                }
                else Assert.That(answers, Is.Not.Empty, pattern);
                tried++;
            }
        Assert.That(rig.Server.HasQuit, Is.False);
        Assert.That(Values(rig), Is.EqualTo(before), "nothing has changed");
        Assert.That(refused, Is.InRange(100, tried));
    }

    [Test]
    public void With_arguments_such_a_pattern_sets_and_never_acts()
    {
        using var rig = Everything();
        foreach (var action in rig.Server.Space.Leaves.Where(l => !l.Declaration.IsState).Select(l => l.Address).ToArray())
            foreach (var argument in (OscValue[])[1, "x", true])
            {
                var client = rig.Server.Connect("stranger");
                client.Send(new OscMessage(OpenLastPart(action, stayBelow: 2), argument));
                rig.Server.Settle();
                rig.Render(1);
                Assert.That(client.Replies.Select(r => r.Message).Where(a => a.Address == "/done" || a.Address.Contains('.', StringComparison.Ordinal)), Is.Empty, action);
            }
        Assert.That(rig.Server.HasQuit, Is.False);
        Assert.That(rig.Value("/looper/channel/1/state"), Does.StartWith("idle"));
        Assert.That(rig.Value("/looper/channel/1/layers"), Is.EqualTo("0"));
        Assert.That(rig.Value("/looper/channel/2/scenes"), Is.EqualTo("1"));
        Assert.That(rig.Value("/realm/imp/synth/state"), Is.EqualTo("active"));
    }

    [Test]
    public void What_destroys_or_ends_is_a_declared_trait_of_exactly_the_addresses_in_the_contract()
    {
        using var rig = Everything();
        var declared = AddressBook.Of(rig.Server).Where(e => e.Declaration.IsDestructive).Select(e => e.Address);
        Assert.That(declared, Is.EquivalentTo(new[]
        {
            "/server/quit", "/session/new", "/session/load", "/realm/unload", "/realm/imp/NAME/freeze", "/realm/imp/NAME/respawn",
            "/looper/channel/N/remove", "/looper/channel/N/remove_scene", "/enchanter/unbind", "/enchanter/preset/remove",
            "/reaper/performance_start", "/reaper/performance_stop", "/audio/record_stop",
        }));
    }

    [Test]
    public void What_destroys_or_ends_acts_by_its_full_address_only()
    {
        using var rig = Everything();
        foreach (var leaf in rig.Server.Space.Leaves.Where(l => l.Declaration.IsDestructive).ToArray())
        {
            var parts = leaf.Address.Split('/');
            for (var i = 1; i < parts.Length - 1; i++)
            {
                var pattern = string.Join('/', parts.Select((part, at) => at == i ? "*" : part));
                // What others of that name do is their own affair.
                if (rig.Server.Space.Match(Encoding.ASCII.GetBytes(pattern)).ToArray().Any(t => !rig.Server.Space[t].Declaration.IsDestructive)) continue;
                Assert.That(rig.Call(pattern, "x").Concat(rig.Call(pattern)).Select(m => m.ToString()),
                    Is.All.StartsWith($"/fail {pattern} refused").And.All.Contain("full address only: /"), pattern);
            }
        }
        Assert.That(rig.Server.HasQuit, Is.False);
        Assert.That(rig.Call("/looper/channel/2/remove").Single().ToString(), Does.StartWith("/done"));
    }

    [Test]
    public void The_others_that_such_a_pattern_matches_act_and_the_rest_is_told()
    {
        using var rig = Everything();
        // /session/load ends the session that is open; channels load files.
        var answers = rig.Call("/{session,realm}/load", "synth", "second").Select(m => m.ToString()).ToArray();
        for (var i = 0; i < 1000 && !answers.Any(a => a.StartsWith("/done", StringComparison.Ordinal)); i++)
        {
            rig.Render(128);
            answers = [.. answers, .. rig.TakeReplies().Select(m => m.ToString())];
        }
        Assert.That(answers, Has.One.StartsWith("/fail /{session,realm}/load refused \"1 of 2 that match: acts by its full address only: /session/load"));
        Assert.That(answers, Has.One.StartsWith("/done /realm/load"));
    }

    [Test]
    public void Patterns_in_earlier_parts_reach_actions_as_before()
    {
        using var rig = Everything();
        Assert.That(rig.Call("/looper/channel/*/record"), Is.Empty);
        rig.Render(480);
        Assert.That(rig.Value("/looper/channel/1/state"), Does.StartWith("recording"));
        Assert.That(rig.Value("/looper/channel/2/state"), Does.StartWith("recording"));
        Assert.That(rig.Call("/looper/channel/[12]/add_scene").Select(m => m.ToString()), Is.EquivalentTo(new[] { "/done /looper/channel/1/add_scene 2", "/done /looper/channel/2/add_scene 2" }));
    }

    [Test]
    public void The_refusal_names_the_nearest_form()
    {
        using var rig = Everything();
        string Detail(string pattern) => rig.Call(pattern).Single().Arguments[2].Text;
        Assert.That(Detail("/looper/channel/*/recor?"), Is.EqualTo("name the action: /looper/channel/*/record"));
        Assert.That(Detail("/looper/channel/*/remov?"), Is.EqualTo("name the action: /looper/channel/1/remove, /looper/channel/2/remove"));
        Assert.That(Detail("/server/qui[t]"), Is.EqualTo("name the action: /server/quit"));
        Assert.That(Detail("/looper//clear"), Is.EqualTo("name the action: /looper/channel/1/clear, /looper/channel/2/clear"));
        Assert.That(Detail("/{transport,x}/{play,stop,tap,locate}"), Is.EqualTo("name the action: /{transport,x}/play, /{transport,x}/stop, /{transport,x}/locate and 1 more"));
    }

    [Test]
    public void A_pattern_asks_for_everything_of_a_channel_and_sets_what_can_be_set()
    {
        using var rig = Rig.Looper();
        var shown = rig.Call("/looper/channel/1/*");
        var states = rig.Server.Space.Leaves.Count(l => l.Declaration.IsState && l.Address.StartsWith("/looper/channel/1/", StringComparison.Ordinal) && l.Address.Count(c => c == '/') == 4);
        Assert.That(shown, Has.Count.EqualTo(states));
        Assert.That(shown.Select(m => m.Address), Does.Contain("/looper/channel/1/volume").And.Not.Contain("/fail"));
        Assert.That(rig.Call("/looper/channel/1/{volume,feedback,state,record}", 0.5f), Is.Empty, "what is read only is left as it is");
        Assert.That((rig.Number("/looper/channel/1/volume"), rig.Number("/looper/channel/1/feedback")), Is.EqualTo((0.5, 0.5)));
        Assert.That(rig.Value("/looper/channel/1/state"), Does.StartWith("idle"));
        Assert.That(rig.Call("/looper/channel/1/{state,record}", 1).Single().ToString(), Does.StartWith("/fail").And.Contain("read only"));
    }

    [Test]
    public void Bundles_modules_and_their_desks_keep_to_it()
    {
        OddsModule odds = null!;
        using var rig = Rig.With(at => odds = new OddsModule(at).Listening(at));
        odds.Rows.Add();
        rig.Server.Settle();
        odds.Heard.Clear();
        rig.SendBytes(new OscBundle(OscTimeTag.Immediate, new OscMessage("/odds/pres*"), new OscMessage("/odds/{add,throw}", 1), new OscMessage("/odds/row/1/h?t", 1)).ToBytes());
        Assert.That(rig.TakeReplies().Select(m => m.Address), Is.All.EqualTo("/fail"));
        odds.Desk.Send("/odds/*", 1);
        odds.Desk.Send("//hit");
        rig.Server.Settle();
        rig.Render(512);
        Assert.That(odds.Heard.Where(e => e.Kind == EventKind.Fire), Is.Empty);
        rig.SendBytes(new OscBundle(OscTimeTag.Immediate, new OscMessage("/odds/row/*/hit")).ToBytes());
        Assert.That(odds.Heard.Count(e => e.Kind == EventKind.Fire), Is.EqualTo(1));
    }

    static string[] Values(Rig rig) =>
        [.. rig.Server.Space.Leaves.Where(l => l.Declaration is { IsState: true, IsSampled: false }).Select(l => $"{l.Address} {l.Value.A} {l.Value.B} {l.Value.C} {l.Text}")];

    // A random pattern that matches the address and leaves its last part open.
    string OpenLastPart(string address, int stayBelow = 0)
    {
        var parts = address.Split('/')[1..];
        for (var i = stayBelow; i < parts.Length - 1; i++)
            if (random.Next(3) == 0) parts[i] = Open(parts[i]);
        if (stayBelow == 0 && random.Next(6) == 0)
        {
            // Levels are left open: the last part may be written out.
            var from = random.Next(parts.Length);
            if (random.Next(2) == 0) parts[^1] = Open(parts[^1]);
            return "/" + string.Concat(parts[..from].Select(p => p + "/")) + "/" + string.Join('/', parts[Math.Max(from, 0)..]);
        }
        parts[^1] = Open(parts[^1]);
        return "/" + string.Join('/', parts);
    }

    string Open(string part)
    {
        var at = random.Next(part.Length);
        return random.Next(6) switch
        {
            0 => "*",
            1 => part[..at] + "*",
            2 => part[..at] + "?" + part[(at + 1)..],
            3 => $"{part[..at]}[{part[at]}]{part[(at + 1)..]}",
            4 => $"{part[..at]}[!#]{part[(at + 1)..]}",
            _ => $"{{x,{part},}}",
        };
    }
}
