using OscLooper.Osc;
using OscLooper.Server.Describe;
using OscLooper.Testing;

namespace OscLooper.Tests.Server;

/// <summary>Whatever is sent to whichever address: it is answered as its declaration says, once, and nothing breaks.</summary>
public sealed class EveryAddressTests : IDisposable
{
    /// <summary>addresses.md section 1.</summary>
    static readonly string[] Reasons =
        ["no such address", "wrong type", "out of range", "read only", "busy", "not found", "frozen", "malformed", "refused", "failed"];

    /// <summary>Jobs that answer in another way, or not at all, as their sentences say.</summary>
    static readonly Dictionary<string, string> OwnAnswer = new()
    {
        ["/server/ping"] = "/server/pong",
        ["/server/sync"] = "/server/synced",
        ["/server/clock"] = "/server/clock.reply",
        ["/server/status"] = "/server/status.reply",
        ["/vault/status"] = "/vault/status.reply",
        ["/server/subscribe"] = "",
        ["/server/unsubscribe"] = "",
        ["/server/reply_port"] = "",
    };

    static readonly (string Name, OscValue[] Arguments)[] Letters =
    [
        ("a string", ["such"]),
        ("two strings", ["such", "strings"]),
        ("an empty string", [""]),
        ("a long string", [new string('x', 3000)]),
        ("a string with a zero and a path", ["../../../etc/passwd%00\u0001"]),
        ("a blob", [new byte[] { 1, 2, 3 }]),
        ("NaN", [float.NaN]),
        ("infinity", [double.PositiveInfinity]),
        ("less than all", [double.NegativeInfinity]),
        ("1e300", [1e300]),
        ("-1", [-1]),
        ("the least long", [long.MinValue]),
        ("a half", [0.5f]),
        ("T", [true]),
        ("N", [OscValue.Nil]),
        ("I", [OscValue.Impulse]),
        ("a time", [OscTimeTag.Immediate]),
        ("an array", [OscValue.ArrayBegin, 1, OscValue.ArrayBegin, 2, OscValue.ArrayEnd, OscValue.ArrayEnd]),
        ("twenty numbers", [.. Enumerable.Range(0, 20).Select(n => (OscValue)n)]),
        // Last, since it removes, clears and freezes.
        ("nothing", []),
    ];

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("osclooper-every-");
    readonly List<string> differences = [];

    [Test]
    public void Every_address_answers_everything_as_it_is_declared()
    {
        using var rig = new Rig(new() { Channels = 1, MemoryMib = 64, Folders = [folder.FullName] },
            ("looper", at => new OscLooper.Looper.LooperModule(at)), ("reaper", at => new OscLooper.Reaper.ReaperModule(at)),
            ("bard", at => new OscLooper.Bard.BardModule(at)), ("controller", at => new OscLooper.Enchanter.ControllerModule(at)),
            ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at)), ("synth", at => new OscLooper.Synth.SynthModule(at)));
        var exceptions = new List<string>();
        rig.Server.Logged = (_, line) =>
        {
            if (line.Contains("Exception", StringComparison.Ordinal)) exceptions.Add(line);
        };
        var count = 0;
        foreach (var entry in AddressBook.Of(rig.Server))
        {
            var address = entry.Address.Replace("/N/", "/1/").Replace("NAME", "synth");
            foreach (var (name, arguments) in Letters)
            {
                // A number presses a button: what ends something is pressed last, with nothing.
                if (entry.Declaration is { IsDestructive: true, Specs.Count: 0 } && arguments.Length == 1 && MustFail(entry.Declaration, arguments).Length == 0) continue;
                // A client for each: only so many refusals a second are told to one.
                var client = rig.Server.Connect(name);
                client.Send(address, arguments);
                rig.Server.Settle();
                rig.Render(1);
                // Freezing fades out first, and an imp is made anew beside the engine.
                for (var i = 0; i < 1000 && client.Replies.Count == 0 && address.StartsWith("/realm/imp/", StringComparison.Ordinal); i++) rig.Render(128);
                // What an imp says to the sender on its own account (a list, a subscription) is not the answer.
                Judge(entry, address, name, arguments, [.. client.Replies.Select(r => r.Message).Where(m => !m.Address.Contains('.') || m.Address.EndsWith(".reply", StringComparison.Ordinal))]);
                count++;
            }
            if (rig.Call("/server/ping", 1) is not [{ Address: "/server/pong" }]) differences.Add($"after {address}: no pong");
        }
        Assert.That(exceptions, Is.Empty, string.Join('\n', exceptions.Take(5)));
        Assert.That(differences, Is.Empty, $"{differences.Count}:\n{string.Join('\n', differences.Take(40))}");
        Assert.That(count, Is.GreaterThan(5000));
    }

    void Judge(AddressBook.Entry entry, string address, string name, OscValue[] arguments, OscMessage[] answers)
    {
        var declaration = entry.Declaration;
        var fails = answers.Where(a => a.Address == "/fail").ToArray();
        var reason = fails.Length > 0 ? fails[0].Arguments[1].Text : "";
        if (fails.Length > 0 && (!Reasons.Contains(reason) || fails[0].Arguments[0].Text != address)) Wrong("a /fail that is not in the list, or of another address");
        var isQuestion = declaration.IsState && arguments.Length == 0;
        if (isQuestion)
        {
            if (answers is not [var answer] || answer.Address != address) Wrong("a question has one answer");
        }
        else if (declaration.IsReadOnly)
        {
            if (answers.Length != 1 || reason != "read only") Wrong("should be read only");
        }
        else if (declaration.Kind == LeafKind.Job)
        {
            var own = OwnAnswer.GetValueOrDefault(address, "/done");
            var ends = answers.Count(a => a.Address == "/fail" || a.Address == own);
            if (ends != 1 && !(own.Length == 0 && answers.Length == 0)) Wrong("a job ends once");
            if (MustFail(declaration, arguments) is [_, ..] expected && !expected.Contains(reason)) Wrong($"should be {expected[0]}");
        }
        else if (MustFail(declaration, arguments) is [_, ..] expected)
        {
            if (answers.Length != 1 || !expected.Contains(reason)) Wrong($"should be {expected[0]}");
        }
        else if (answers.Length > 1 || answers.Length != fails.Length) Wrong("silence, or one /fail");
        else if (declaration.Kind == LeafKind.Parameter && fails.Length > 0 && reason is not ("out of range" or "refused" or "busy")) Wrong("an accepted type that is refused for another reason");

        void Wrong(string why) => differences.Add($"{address} {name}: {why}; answered {(answers.Length == 0 ? "nothing" : string.Join("; ", answers.Take(4).Select(a => a.ToString())))}");
    }

    /// <summary>What addresses.md section 1 says of types and numbers, of their count and of the first; empty = the address decides.</summary>
    static string[] MustFail(Declaration declaration, OscValue[] arguments)
    {
        var specs = declaration.Specs;
        if (specs.Any(s => s.Kind == SpecKind.Rest)) return [];
        // "a Command or Job with no declared arguments also takes one number"
        var isPress = !declaration.IsState && specs.Count == 0;
        var reasons = new List<string>();
        if (arguments.Length > specs.Count + (isPress ? 1 : 0) || arguments.Length < specs.Count(s => !s.Optional)) reasons.Add("wrong type");
        if (arguments.Length > 0 && (isPress || specs.Count > 0) && OfFirst(arguments[0], isPress ? Spec.Switch() : specs[0], isPress, isAction: !declaration.IsState && !isPress) is { } first) reasons.Add(first);
        return [.. reasons];
    }

    static string? OfFirst(OscValue first, Spec spec, bool isPress, bool isAction) => spec.Kind switch
    {
        SpecKind.Text => first.Tag is 's' ? null : "wrong type",
        SpecKind.Blob => first.Tag is 'b' ? null : "wrong type",
        _ when isPress && first.Tag is 'I' => null,
        _ when first.Tag is 's' && spec.Choices.Count > 0 => "out of range",
        _ when !first.IsNumber => "wrong type",
        _ => !double.IsFinite(first.Number) || (spec.Strict || isAction) && (Math.Round(first.Number, MidpointRounding.AwayFromZero) < spec.Min || Math.Round(first.Number, MidpointRounding.AwayFromZero) > spec.Max) ? "out of range" : null,
    };

    public void Dispose() => folder.Delete(recursive: true);
}
