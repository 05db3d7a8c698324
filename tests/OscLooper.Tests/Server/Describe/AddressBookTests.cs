using Newtonsoft.Json.Linq;
using OscLooper.Server.Describe;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Describe;

public class AddressBookTests
{
    [TestCase("Addresses.md")]
    [TestCase("addresses.json")]
    public void The_book_is_as_the_declarations_are(string name)
    {
        // Every module has its chapter.
        using var rig = new Rig(new(), ("looper", at => new OscLooper.Looper.LooperModule(at)), ("reaper", at => new OscLooper.Reaper.ReaperModule(at)),
            ("bard", at => new OscLooper.Bard.BardModule(at)), ("controller", at => new OscLooper.Enchanter.ControllerModule(at)), ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at)),
            ("fluid", at => new OscLooper.Fluid.FluidModule(at)), ("synth", at => new OscLooper.Synth.SynthModule(at)));
        var entries = AddressBook.Of(rig.Server);
        var fresh = name.EndsWith(".md") ? AddressBook.Markdown(entries) : AddressBook.Json(entries);
        var file = Path.Combine(Checkout.Root, "protocol", name);
        if (Environment.GetEnvironmentVariable("OSCLOOPER_WRITE_BOOK") == "1") File.WriteAllText(file, fresh);
        Assert.That(File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "", Is.EqualTo(fresh),
            "stale: OSCLOOPER_WRITE_BOOK=1 dotnet test tests/OscLooper.Tests --filter AddressBook");
    }

    [Test]
    public void Every_leaf_of_the_space_has_its_entry_with_a_sentence()
    {
        using var rig = Rig.Looper();
        var entries = AddressBook.Of(rig.Server);
        var known = entries.Select(e => e.Address).ToHashSet();
        foreach (var leaf in rig.Server.Space.Leaves)
        {
            var general = leaf.Declaration.Rows is { } rows ? leaf.Address.Replace($"/{rows.Name}/{leaf.Row + 1}/", $"/{rows.Name}/N/") : AddressBook.General(leaf.Address);
            Assert.That(known, Does.Contain(general));
        }
        foreach (var entry in entries) Assert.That(entry.Declaration.Summary, Does.EndWith(".").And.Length.GreaterThan(5), entry.Address);
    }

    [Test]
    public void The_book_for_programs_tells_range_unit_and_choices()
    {
        using var rig = new Rig(new(), ("odds", at => new Addressing.OddsModule(at)));
        var all = JArray.Parse(AddressBook.Json(AddressBook.Of(rig.Server)));
        JToken Of(string address) => all.Single(e => (string)e["address"]! == address);
        Assert.That(Of("/odds/row/N/volume")["arguments"]![0]!.ToString(Newtonsoft.Json.Formatting.None),
            Is.EqualTo("""{"type":"f","min":0.0,"max":4.0,"default":1.0,"out_of_range":"clipped"}"""));
        Assert.That((string)Of("/odds/word")["arguments"]![0]!["values"]![1]!, Is.EqualTo("auto"));
        Assert.That((bool)Of("/odds/pair")["read_only"]!, Is.True);
        Assert.That((string)Of("/odds/pair")["type"]!, Is.EqualTo("sh"));
    }
}
