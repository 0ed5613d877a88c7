from app.marks import Marks


def test_marks_are_set_one_by_one_and_taken_away(qapp, qtbot):
    marks = Marks()
    assert (marks.a, marks.b) == (None, None)
    with qtbot.waitSignal(marks.changed):
        marks.put(a=20)
    with qtbot.waitSignal(marks.changed):
        marks.put(b=40)
    assert (marks.a, marks.b) == (20, 40)
    with qtbot.assertNotEmitted(marks.changed):
        marks.put(a=20)
        marks.put()
    with qtbot.waitSignal(marks.changed):
        marks.clear()
    assert (marks.a, marks.b) == (None, None)
    with qtbot.assertNotEmitted(marks.changed):
        marks.clear()
