"""Lessons: their format, predictions, checks, progress, transcripts and grading.

    parser     a Markdown file -> Lesson          proof      does the lesson hold what it says?
    lesson_run a Lesson being played              grading    transcripts -> marks, by replay
    console    typed words of a lesson            progress   what is kept between two evenings
    plain      a lesson without a screen          commands   ``drydock lesson …``

Nothing is imported here: listing lessons must not load the model.
"""
