using Newtonsoft.Json.Linq;
using OscLooper.Server;
using OscLooper.Tests.Dsp;
using OscLooper.Tests.Server.Network;

namespace OscLooper.Tests.Server.Vault;

/// <summary>What a client set is in the save that it asks for right behind, whatever the audio side and other saves are at.</summary>
[Category("Live")]
public class EarlySaveTests
{
    const int Times = 30;

    static double Level(TemporaryFolder folder) =>
        JObject.Parse(File.ReadAllText(folder["vault/vault.json"]))["imps"]!["odds"]!["data"]!["values"]!["level"]!.Value<double>();

    [Test]
    public void What_was_set_right_before_a_save_is_in_it()
    {
        using var folder = new TemporaryFolder();
        using var live = new LiveServer(new ServerOptions { Vault = folder["vault"] });
        using var client = live.Udp();
        for (var n = 1; n <= Times; n++)
        {
            client.Send("/odds/level", n / 16f);
            Assert.That(client.Ask("/vault/save")?.ToString(), Does.StartWith("/done /vault/save"));
            Assert.That(Level(folder), Is.EqualTo(n / 16.0));
        }
    }

    [Test]
    public void What_was_set_while_another_save_was_under_way_is_in_the_save_that_is_answered()
    {
        using var folder = new TemporaryFolder();
        using var live = new LiveServer(new ServerOptions { Vault = folder["vault"] });
        using var client = live.Udp();
        using var other = live.Udp();
        for (var n = 1; n <= Times; n++)
        {
            for (var i = 0; i < 3; i++) other.Send("/vault/save");
            client.Send("/odds/level", n / 16f);
            Assert.That(client.Ask("/vault/save")?.ToString(), Does.StartWith("/done /vault/save"));
            Assert.That(Level(folder), Is.EqualTo(n / 16.0));
            for (var i = 0; i < 3; i++) Assert.That(other.Hear()?.ToString(), Does.StartWith("/done /vault/save"), "each is answered");
        }
    }
}
