namespace OscLooper.Tests.House;

public class SmokeTests
{
    [Test]
    public void The_house_has_a_roof() => Assert.That(typeof(SmokeTests).Assembly.GetName().Name, Is.EqualTo("OscLooper.Tests"));
}
