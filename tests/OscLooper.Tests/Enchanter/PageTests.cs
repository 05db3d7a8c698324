using System.Xml.Linq;
using OscLooper.Enchanter;
using OscLooper.Tests.House;

namespace OscLooper.Tests.Enchanter;

public class PageTests
{
    static string Folder => Path.Combine(Checkout.Root, "modules", "Enchanter", "pages");

    static IEnumerable<string> Names => Profiles.Shipped.Select(p => p.Name);

    [TestCaseSource(nameof(Names))]
    public void The_page_is_as_the_profile_is(string name)
    {
        var profile = Profiles.Shipped.Single(p => p.Name == name);
        if (Environment.GetEnvironmentVariable("OSCLOOPER_WRITE_BOOK") == "1") OscLooper.Enchanter.Pages.Write(Folder, [profile]);
        foreach (var (file, text) in OscLooper.Enchanter.Pages.Of(profile))
            Assert.That(File.Exists(Path.Combine(Folder, file)) ? File.ReadAllText(Path.Combine(Folder, file)).ReplaceLineEndings("\n") : "", Is.EqualTo(text.ReplaceLineEndings("\n")),
                $"{file} is stale: OSCLOOPER_WRITE_BOOK=1 dotnet test tests/OscLooper.Tests --filter PageTests");
    }

    [TestCaseSource(nameof(Names))]
    public void The_picture_shows_every_control_within_the_device(string name)
    {
        var profile = Profiles.Shipped.Single(p => p.Name == name);
        var svg = XDocument.Parse(Picture.Of(profile));
        var titles = svg.Descendants().Where(e => e.Name.LocalName == "title").Select(e => e.Value).ToArray();
        foreach (var control in profile.Controls)
        {
            Assert.That(titles, Has.Some.StartWith(control.Name).And.Some.Contains(": "), control.Name);
            Assert.That(control.Box.X >= 0 && control.Box.Y >= 0 && control.Box.X + control.Box.Width <= profile.Size.Width && control.Box.Y + control.Box.Height <= profile.Size.Height, Is.True, control.Name);
        }
        // Nothing lies on anything else.
        for (var i = 0; i < profile.Controls.Count; i++)
            for (var k = 0; k < i; k++)
            {
                var (a, b) = (profile.Controls[i], profile.Controls[k]);
                var overlaps = a.Box.X < b.Box.X + b.Box.Width && b.Box.X < a.Box.X + a.Box.Width && a.Box.Y < b.Box.Y + b.Box.Height && b.Box.Y < a.Box.Y + a.Box.Height;
                Assert.That(overlaps, Is.False, $"{a.Name} and {b.Name}");
            }
    }
}
