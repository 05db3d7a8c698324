using System.Text;
using System.Text.Json;
using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class PatternTests
{
    static bool Matches(string pattern, string address, out int steps) =>
        OscPattern.Matches(Encoding.UTF8.GetBytes(pattern), Encoding.UTF8.GetBytes(address), out steps);

    [TestCaseSource(typeof(Vectors), nameof(Vectors.Patterns))]
    public void A_pattern_matches_as_its_vector_says(JsonElement item) =>
        Assert.That(Matches(item.GetProperty("pattern").GetString()!, item.GetProperty("address").GetString()!, out _),
            Is.EqualTo(item.GetProperty("match").GetBoolean()));
}
