using System.Text;
using OscLooper.Server.Addressing;

namespace OscLooper.Tests.Server.Addressing;

public class AddressSpaceTests
{
    readonly AddressSpace space = new();
    readonly List<string> told = [];

    [SetUp]
    public void Listen()
    {
        space.Merged += imp => told.AddRange(imp.Targets.Select(t => $"+{space.AddressOf(t)}"));
        space.Changed += (target, isAdded) => told.Add($"{(isAdded ? '+' : '-')}{space.AddressOf(target)}");
    }

    static (Tree Tree, Rows Rows) Made(string name, int rows)
    {
        var tree = new Tree(name, null!, default);
        tree.Root.Parameter("level", Spec.Range(0, 1, 1), "How loud.");
        var made = tree.Root.Rows("part");
        made.Each.Parameter("pan", Spec.Range(-1, 1, 0), "Where.");
        made.Each.Parameter("tune", Spec.Range(-1, 1, 0), "How high.");
        for (var n = 0; n < rows; n++) made.Add();
        return (tree, made);
    }

    int Find(string address) => space.Find(Encoding.UTF8.GetBytes(address));

    string[] Matched(string pattern) => [.. space.Match(Encoding.UTF8.GetBytes(pattern)).ToArray().Select(space.AddressOf)];

    [Test]
    public void Rows_that_came_and_went_between_the_making_and_the_merge_count()
    {
        var (tree, rows) = Made("one", 3);
        var made = new ImpSpace(2, tree);
        rows.Remove(1);
        rows.Add();
        space.Merge(made);
        string[] there = ["/one/level", "/one/part/1/pan", "/one/part/1/tune", "/one/part/3/pan", "/one/part/3/tune", "/one/part/4/pan", "/one/part/4/tune"];
        Assert.That(space.LeavesOf(2).Select(l => l.Address), Is.EqualTo(there));
        Assert.That(told, Is.EqualTo(there.Select(a => "+" + a)), "each is told once");
        Assert.That(Find("/one/part/2/pan"), Is.EqualTo(-1));
        told.Clear();
        rows.Restore(1);
        rows.Remove(3);
        Assert.That(told, Is.EqualTo(new[] { "+/one/part/2/pan", "+/one/part/2/tune", "-/one/part/4/pan", "-/one/part/4/tune" }));
        Assert.That((Find("/one/part/2/pan") >= 0, Find("/one/part/4/pan")), Is.EqualTo((true, -1)));
    }

    [Test]
    public void An_imp_that_goes_takes_its_addresses_along_and_no_others()
    {
        var (one, other) = (Made("one", 1), Made("one_more", 2));
        space.Merge(new ImpSpace(0, one.Tree));
        space.Merge(new ImpSpace(3, other.Tree));
        Assert.That((space.Count, space.Imps, space.IsTaken("one"), space.IsTaken("on")), Is.EqualTo((8, 2, true, false)));
        Assert.That(() => space.Merge(new ImpSpace(4, Made("one", 1).Tree)), Throws.ArgumentException);
        told.Clear();
        space.Remove(0);
        Assert.That(told, Is.EqualTo(new[] { "-/one/level", "-/one/part/1/pan", "-/one/part/1/tune" }));
        Assert.That((space.Count, space.IsTaken("one"), Find("/one/level"), Find("/one_more/level") >= 0), Is.EqualTo((5, false, -1, true)));
        one.Rows.Add();
        Assert.That((told.Count, space.Count), Is.EqualTo((3, 5)), "what has gone is not listened to");
        space.Merge(new ImpSpace(5, one.Tree));
        Assert.That(Find("/one/part/2/tune") >> Event.LeafBits, Is.EqualTo(5));
    }

    [TestCase("/one/*", "/one/level")]
    [TestCase("/one*/level", "/one/level,/one_more/level")]
    [TestCase("/*/level", "/one/level,/one_more/level")]
    [TestCase("/on?/part/1/*", "/one/part/1/pan,/one/part/1/tune")]
    [TestCase("/one_more/part/[12]/pan", "/one_more/part/1/pan,/one_more/part/2/pan")]
    [TestCase("/{one,none}/level", "/one/level")]
    [TestCase("//pan", "/one/part/1/pan,/one_more/part/1/pan,/one_more/part/2/pan")]
    [TestCase("/one//", "")]
    [TestCase("/one_more//tune", "/one_more/part/1/tune,/one_more/part/2/tune")]
    [TestCase("/on//level", "")]
    [TestCase("/one", "")]
    [TestCase("/one/", "")]
    [TestCase("one/level", "")]
    [TestCase("/", "")]
    [TestCase("", "")]
    [TestCase("//one/level", "/one/level")]
    public void A_pattern_is_tried_on_the_imps_that_it_may_mean(string pattern, string matched)
    {
        space.Merge(new ImpSpace(1, Made("one", 1).Tree));
        space.Merge(new ImpSpace(2, Made("one_more", 2).Tree));
        Assert.That(Matched(pattern), Is.EqualTo(matched.Length == 0 ? [] : matched.Split(',')));
    }

    [Test]
    public void Of_imps_that_a_pattern_cannot_mean_no_address_is_tried()
    {
        space.Merge(new ImpSpace(1, Made("one", 1000).Tree));
        space.Merge(new ImpSpace(2, Made("two", 1).Tree));
        Matched("/two/part/*/pan");
        Assert.That(space.PatternTries, Is.EqualTo(3));
    }
}
